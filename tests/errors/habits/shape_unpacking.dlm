model M {
  input x: f32[N, 4]
  n, d, e = x.shape
  output y = x
}
