model M {
  input x: i64[N, 4]
  output y = cast(x, f31) -> Dense(2)
}
