model M {
  input k: i64[N, 4]
  output y = mean(k, axis = 1)
}
