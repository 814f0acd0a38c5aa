model M {
  input x: f32[N, 3, 8, 8]
  output y = x -> Conv(filters = 16, 3)
}
