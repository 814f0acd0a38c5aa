model M {
  input image: f32[N, 4, 8, 8]
  output y = image -> Conv(6, 3, groups = 4)
}
