model M {
  input x: i64[N, 4]
  output y = f32(x)
}
