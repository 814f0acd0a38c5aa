model M {
  input x: float32[N, T, 4]
  w = T * 2
  output y: f32[N, T, 8] = x -> Dense(8)
}
