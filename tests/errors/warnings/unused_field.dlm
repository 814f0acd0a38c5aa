"""W0205: fields that are read for nothing; one as an input, one as the loss's target."""

model Net {
  input x: f32[N, 2]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1, 2]], target = [[1]], weight = [[1]], id = [1], kept = [1])
  x:      f32[2]
  target: f32[1]
  weight: f32[1]
  id:     i64
  _kept:  i64 = column("kept")
  extra:  f32[2] = 2 * column("x")
}

train Net on points {
  loss      = mse(y, target)
  metrics   = [mean(weight * abs(y - target))]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
