model M {
  input x: f32[N, 2]
  output y = x -> Dense(1)
}

data flowers {
  source = csv("flowers.csv")
  x:      f32[2] = columns("petal_*")
  target: f32    = column("hight")
}

train M on flowers {
  loss      = mse(y, target)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 2
}
