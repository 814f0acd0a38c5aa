model M {
  input x: float32[N, 4]
  input k: int64[N]
  output y = x
}
