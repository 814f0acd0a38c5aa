model M {
  input image: f32[N, 28, 28, 3]
  output y = image -> Conv(16, 5, data_format = "channels_last")
}
