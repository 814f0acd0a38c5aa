model M {
  input x: f32[N, 4]
  norm = BatchNorm()
  y = norm(x)
  output y = y + norm.mean
}
