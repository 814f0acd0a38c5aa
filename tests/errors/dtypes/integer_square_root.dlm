model M {
  input k: i64[N, 4]
  output y = sqrt(k)
}
