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
  optimizer = Adam(learning_rate = 0.1)
  epochs    = 0
  batch     = 2
}
