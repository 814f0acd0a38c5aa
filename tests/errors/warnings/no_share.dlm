"""W0306: decays that are no shares of one."""

model Net(rate = 20%) {
  input x: f32[N, 4]
  x = x -> Dense(4, bias = false) -> BatchNorm(decay = 9)
  x = x -> Dropout(rate) -> Dense(4, bias = false) -> BatchNorm(decay = 0.0)
  output y = x -> Dropout(0) -> Dense(4) -> Dense(2)
}

data points {
  source = inline(x = [[1, 2, 3, 4], [1, 2, 3, 4]], target = [[1, 2], [1, 2]])
  x:      f32[4]
  target: f32[2]
}

train a = Net on points {
  loss      = mse(y, target)
  optimizer = adam(lr = 0.1, beta1 = 1, beta2 = 0.5)
  epochs    = 1
  batch     = 2
}

train b = Net on points {
  loss      = mse(y, target)
  optimizer = sgd(lr = 2, momentum = -0.1)
  epochs    = 1
  batch     = 2
}
