model M {
  input x: f32[N, 4]
  param w: f32[4] = ones()
  w = 0.9 * w
  output y = x * w
}
