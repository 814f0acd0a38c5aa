model M {
  input x: f32[N, 1]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1.0], [2.0]], target = [[2.0], [4.0]])
  x:      f32[1]
  target: f32[1]
}

optimizer plain(lr) {
  weight = weight - lr * gradient
}

train M on points {
  loss      = mse(y, target)
  optimizer = plain(lr = 0.1)
  epochs    = 1
  batch     = 2
}
