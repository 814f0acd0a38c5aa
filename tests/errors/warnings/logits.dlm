"""W0301: losses on logits that are given something else."""

block Head(classes) {
  input x: float[N, D]
  output x -> Dense(classes) -> softmax
}

fn smoothed(scores, target) = cross_entropy(scores, target) + 0

model Net(classes = 3) {
  input x: f32[N, 4]
  h = x -> Dense(8) -> relu
  output probabilities = h -> Head(classes)     # through a block and an output
  output positive = h -> Dense(classes) -> relu
  output switch = h -> Dense(1) -> sigmoid
  output logarithms = h -> Dense(classes) -> log_softmax
  output logits = h -> Dense(classes)
}

data points {
  source = inline(x = [[1, 2, 3, 4]], label = [1], flag = [[1]])
  x:     f32[4]
  label: i64
  flag:  f32[1]
}

train Net on points {
  loss = smoothed(probabilities, label)
    + cross_entropy(positive, label)
    + binary_cross_entropy(switch, flag)
    + cross_entropy(sigmoid(logits), label)
    + cross_entropy(logarithms, label)          # gives what the logits give
    + cross_entropy(logits, label)
    + nll(softmax(logits), label)
    + nll(log_softmax(logits), label)
    + kl_divergence(log_softmax(logits), softmax(positive))
    + mse(softmax(logits), softmax(positive))
  metrics   = [accuracy(probabilities, label), binary_accuracy(switch, flag), binary_accuracy(relu(logits), logits), binary_cross_entropy(softmax(logits), softmax(logits))]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
