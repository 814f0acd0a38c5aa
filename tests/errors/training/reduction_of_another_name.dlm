model M {
  input x: f32[N, 4]
  output y: f32[N, 3] = x -> Dense(3)
}

data points {
  source = inline(x = [[1, 2, 3, 4], [5, 6, 7, 8]], target = [[0, 1, 0], [1, 0, 0]])
  x:      f32[4]
  target: f32[3]
}

train M on points {
  loss      = mse(y, target, reduction = "average")
  metrics   = [binary_cross_entropy(y, target, positive_weight = [1, 2])]
  optimizer = adam(lr = 1e-3)
  epochs    = 1
  batch     = 2
}
