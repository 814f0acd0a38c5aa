# Four mistakes, and nothing that only follows from one of them.
model M {
  input x: f32[N, 2]
  a = x -> Dens(3)
  b = a -> relu
  c = x -> Dense(unit = 3)
  d = x.shap
  output y = b + c + d
}

model K {
  input x: f32[N, -2]
  output y = x
}
