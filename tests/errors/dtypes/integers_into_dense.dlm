model M {
  input x: i64[N, 4]
  output y = x -> Dense(2)
}
