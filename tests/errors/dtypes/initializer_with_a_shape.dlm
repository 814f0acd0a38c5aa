model M {
  input x: f32[N, 4]
  param w: f32[2, 4] = zeros([2, 4])
  output y = x @ transpose(w)
}
