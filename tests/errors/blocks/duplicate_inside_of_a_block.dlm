model M {
  input x: f32[N, 4]
  input x: f32[N, 4]
  param w: f32[4] = ones()
  state w: f32[4] = ones()
  param x: f32[4] = ones()
  output y = x
}
