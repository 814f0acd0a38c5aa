model M {
  input x: f32[N, 4]
  input k: i64[N]
  output y = x[k]
}
