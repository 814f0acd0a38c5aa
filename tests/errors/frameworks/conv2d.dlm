model M {
  input x: f32[N, 3, 8, 8]
  output y = x -> Conv2d(3, 16, kernel_size = 3)
}
