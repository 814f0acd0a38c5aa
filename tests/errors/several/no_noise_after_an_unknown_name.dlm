model M {
  input x: f32[N, 4]
  h = x -> Dnse(8)
  h = h -> relu -> Dense(8)
  g = h * h
  output y = g -> Dense(2)
}

data d {
  source = inline(x = [[1, 2, 3, 4]], t = [[1, 2]])
  x: f32[4]
  t: f32[2]
}

train M on d {
  loss      = mse(y, t)
  optimizer = sgd(lr = 0.1)
  epochs    = 1
  batch     = 1
}
