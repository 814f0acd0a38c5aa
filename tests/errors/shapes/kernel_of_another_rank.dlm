model M {
  input image: f32[N, 3, 8, 8]
  output y = image -> Conv(16, [3, 3, 3])
}
