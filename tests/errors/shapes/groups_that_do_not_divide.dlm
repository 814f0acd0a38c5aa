model M {
  input image: f32[N, 3, 8, 8]
  a = image -> Conv(16, 3, groups = 2)
  b = image -> Conv(16, 1) -> GroupNorm(3)
  output y = image
}
