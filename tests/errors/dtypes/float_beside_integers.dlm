model M {
  input k: i64[N, 4]
  output y = 0.5 * k
}
