model M {
  input x: f32[N, 4]
  input k: i64[N, 4]
  output y = x * k
}
