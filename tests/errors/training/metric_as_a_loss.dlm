model Line {
  input  x: f32[N, 2]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1, 2], [2, 3]], t = [[2], [4]])
  x: f32[2]
  t: f32[1]
}

train Line on points {
  loss      = rmse(y, t)
  metrics   = [mae(y, t)]
  optimizer = sgd(lr = 0.1)
  epochs    = 10
  batch     = 2
}
