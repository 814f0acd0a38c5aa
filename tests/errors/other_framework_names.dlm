model M {
  input x: f32[N, 3, 8, 8]
  x = x -> Conv2d(16, kernel_size = 3) -> ReLU
  x = x -> Conv(16, kernel_size = 3) -> relu
  output y = x -> flatten -> Linear(10)
}
