model Net {
  input  x: f32[N, 2]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[0, 1], [1, 0]], target = [[1], [0]])
  x:      f32[2]
  target: f32[1]
}

data features {
  source = inline(x = [[0, 1], [1, 0]], target = [[1], [0]])
  x:      f32[2] = column("x") -> Dense(2)
  target: f32[1]
}

train Net on points {
  loss      = mse(y -> Dense(1), target)
  metrics   = [mae(y -> Dense(1), target)]
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 2
}
