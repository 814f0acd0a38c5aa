model M {
  input x: float32[N, 4]
  output y = x -> Dense(2)
}
