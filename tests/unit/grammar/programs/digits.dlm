use "blocks/common.dlm": Encoder, scale

const CLASSES = 10

fn focal(p, gamma = 2) = -(1 - p) ** gamma * log(p)

data digits {
  source = csv("digits.csv")
  image: f32[1, 8, 8] = columns("pixel_*") / 16 -> reshape([1, 8, 8])
  label: i64 = column("label")
  train: bool
  split = random(train = 80%, validation = 0.1, test = 10%, seed = 0)
}

train baseline = Classifier(CLASSES, width = 32) on digits {
  loss       = cross_entropy(logits, label) + 1e-4 * norm(weights)
  metrics    = [accuracy(logits, label)]
  optimizer  = adam(lr = cosine(3e-4, warmup = 100))
  epochs     = 10
  batch      = 64
  precision  = f32
  stop       = early(validation.loss, patience = 5)
  checkpoint = best(validation.accuracy)
  log        = tensorboard()
}

train Classifier on digits { loss = mse(logits, label) steps = 1_000 }
