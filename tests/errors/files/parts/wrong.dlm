block Wrong(width) {
  input x: float[N, D]
  output x -> Dense(widht)
}
