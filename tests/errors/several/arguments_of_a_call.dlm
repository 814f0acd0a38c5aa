model M {
  input x: f32[N, 3, 8, 8]
  output y = x -> Conv(out_channels = 16, kernel_size = 3, stride = 2, dilate = 2)
}
