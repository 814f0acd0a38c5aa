model M {
  input x: f32[N, 4]
  output y = x -> Dense(2)
}

data d {
  source = inline(x = [[1, 2, 3, 4]], t = [[1, 2]])
  x: f32[4]
  t: f32[2]
}

train M on d {
  loss      = msee(y, t)
  metrics   = [mae(y, tt), maee(y, t)]
  optimizer = admm(lr = 0.1)
  epochs    = -1
  batch     = 0.5
  seeed     = 1
}
