model M(width) {
  input x: f32[N, 4]
  output y = x -> Dense(width)
}
