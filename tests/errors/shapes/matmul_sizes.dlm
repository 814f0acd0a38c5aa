model M {
  input x: f32[N, 4]
  param w: f32[5, 3] = zeros()
  output y = x @ w
}
