model M(width = 16) {
  input x: f32[N, widht]
  output y = x -> Dense(2)
}
