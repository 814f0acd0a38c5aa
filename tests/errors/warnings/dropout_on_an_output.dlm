"""W0305: what a dropout gives is what the model says."""

block Head(units, rate) {
  input x: float[N, D]
  output x -> Dense(units) -> Dropout(rate)
}

model Net {
  input x: f32[N, 4]
  output a = x -> Dense(2) -> Dropout(0.5)
  output b = x -> Head(2, rate = 0.1)           # through a block
  output c = x -> Dropout(0.5) -> Dense(2)
  output d = x -> Head(2, rate = 0)             # none
  output e = x -> Dense(2) -> Dropout(0.5) -> relu
  output features = x -> Dropout(0.5)           # not for the loss
}

data points {
  source = inline(x = [[1, 2, 3, 4]], target = [[1, 2]])
  x:      f32[4]
  target: f32[2]
}

train Net on points {
  loss      = mse(a, target) + mse(b, target) + mse(c, target) + mse(d, target) + mse(e, target)
  metrics   = [mean(features)]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
