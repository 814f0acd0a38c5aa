model M {
  input image: f32[N, 2]
  output y = image -> Dense(1)
}

data points {
  source = inline(x = [[1.0, 2.0], [3.0, 4.0]], target = [[1.0], [2.0]])
  images: f32[2] = column("x")
  target: f32[1]
}

train M on points {
  loss      = mse(y, target)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 2
}
