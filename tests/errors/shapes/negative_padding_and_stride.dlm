model M {
  input image: f32[N, 3, 8, 8]
  a = image -> Conv(16, 3, stride = 0)
  b = image -> Conv(16, 3, padding = -1)
  c = image -> max_pool(2, stride = -1)
  output y = image
}
