model M {
  input x: f32[N, 4]
  input mask: i64[N, 4]
  output y = x * mask
}
