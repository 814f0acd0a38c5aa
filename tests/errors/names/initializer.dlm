model M {
  input x: f32[N, 4]
  param w: f32[2, 4] = glorot_unifrom()
  output y = x @ transpose(w)
}
