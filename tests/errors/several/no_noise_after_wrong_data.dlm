model M {
  input x: f32[N, 4]
  output y = x -> Dense(2)
}

data d {
  source = csv("nowhere.csv")
  x: f32[4] = columns("x*")
  t: f32[2] = columns("t*")
}

train M on d {
  loss      = mse(y, t)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
