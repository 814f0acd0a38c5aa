model M {
  input x: f32[N, 3, 8, 8]
  a = x -> Conv(filters = 16, kernel_size = 3, strides = 2)
  b = x -> Conv(out_channels = 16, size = 3)
  c = x -> Conv(in_channels = 3, filters = 16, size = 3)
  output y = x
}
