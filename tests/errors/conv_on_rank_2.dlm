model M {
  input x: f32[N, 64]
  output y = x -> Conv(16, 3)
}
