data d {
  source = csv("../flowers.csv")
  height: f32
}

train Net on d {
  loss      = mse(y, height)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
