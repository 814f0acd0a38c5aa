model M {
  input x: f32[N, 2]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1.0, 2.0], [3.0, 4.0]], target = [[1.0], [2.0]])
  x:      f32[2]
  target: f32[1]
}

train M on points {
  loss      = mse(y, target)
  optimizer = rmsprop(learning_rate = exponential(0.1, factor = 0.96, every = 100), rho = 0.9)
  epochs    = 1
  batch     = 2
}
