model M(width = 8) {
  input x: f32[N, 4]
  output y = x -> Dense(width - 10)
}
