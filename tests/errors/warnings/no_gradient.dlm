"""W0601: losses that say nothing to the weights."""

fn hits(scores, target) = mean(cast(argmax(scores, axis = -1) == target, f32))

model Net {
  input x: f32[N, 4]
  output logits = x -> Dense(3)
}

data points {
  source = inline(x = [[1, 2, 3, 4]], label = [1], target = [[1, 2, 3, 4]])
  x:      f32[4]
  label:  i64
  target: f32[4]
}

train without_model = Net on points {
  loss      = mse(x, target)
  metrics   = [accuracy(logits, label)]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}

train of_a_metric = Net on points {
  loss      = accuracy(logits, label)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}

train of_own = Net on points {
  loss      = 1 - hits(logits, label) + mean(round(logits))
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}

train well = Net on points {
  loss      = cross_entropy(logits, label) + 0.1 * hits(logits, label)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
