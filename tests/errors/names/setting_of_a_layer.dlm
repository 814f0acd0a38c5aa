model M {
  input x: f32[N, 3, 8, 8]
  output y = x -> Conv(16, 3, stridee = 2)
}
