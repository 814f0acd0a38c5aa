"""A line through four points."""

model Linear {
  input  x: f32[N, 1]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1.0], [2.0], [3.0], [4.0]], target = [[2.0], [4.0], [6.0], [8.0]])
  x:      f32[1]
  target: f32[1]
}

train Linear on points {
  loss      = mse(y, target)
  optimizer = sgd(lr = 0.01)
  epochs    = 100
  batch     = 4
}
