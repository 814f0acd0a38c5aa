model M(width = 16) {
  input x: f32[N, 4]
  output y = x -> Dense(widht) -> relu -> Dense(2)
}
