model M {
  input x: f32[N, 64]
  output y = x -> Dense(32) -> Conv(16, 3)
}
