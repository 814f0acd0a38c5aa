"""W0304: choices among one."""

block Attention {
  input x: float[N, D]
  output x * (x -> Dense(D) -> softmax)         # of whatever it is given
}

block Gate {
  input x: float[N, D]
  output x * (x -> Dense(1) -> softmax)
}

model Net(classes = 1) {
  input x: f32[N, 4]
  h = x -> Gate -> Gate
  a = x[:, :1] -> Attention
  output logits = h + a -> Dense(classes)
  output probability = h -> Dense(classes) -> softmax
  output level = h -> Dense(1) -> LayerNorm
  output two = h -> Dense(2)
  output across = x[:, new, :] -> softmax(axis = -1)
}

data points {
  source = inline(x = [[1, 2, 3, 4]], label = [0], level = [[1]])
  x:     f32[4]
  label: i64
}

train Net on points {
  loss      = cross_entropy(logits, label) + mse(level, probability) + cross_entropy(two, label)
  metrics   = [accuracy(logits, label), accuracy(two, label)]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
