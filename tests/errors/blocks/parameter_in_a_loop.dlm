model M {
  input x: f32[N, 4]
  for i in 0..3 {
    param w: f32[4] = zeros()
    x = x + w
  }
  output y = x
}
