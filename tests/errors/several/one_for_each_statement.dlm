model M(depth = 2) {
  input x: f32[N, 4]
  a = x -> Dens(3)
  b = x -> Dense(unit = 3)
  c = x.shap
  for i in 0..depth {
    d = x -> Conv(8, 3)
  }
  output y = x -> relux
}
