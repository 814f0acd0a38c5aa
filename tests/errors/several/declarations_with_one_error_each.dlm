fn f(x) = x + nothing

block B {
  input x: float[N, D]
  output x -> Dens(D)
}

model M {
  input x: f32[N, 4]
  output y = f(x) -> B
}

data d {
  source = inline(x = [[1, 2, 3, 4]], t = [[1, 2]])
  x: f32[4]
  t: f23[2]
}

train M on d {
  loss      = mse(y, t)
  optimiser = sgd(lr = 0.1)
  epochs    = 0
  batch     = 1
}
