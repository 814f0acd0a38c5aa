model M {
  input x: f32[N, 3, 8]
  output y = reshape(x, [24]) -> Dense(2)
}
