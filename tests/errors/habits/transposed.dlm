model M {
  input x: f32[N, 4]
  param w: f32[2, 4] = glorot_uniform()
  output y = x @ w.T
}
