model M {
  input image: f32[N, 28, 28, 1]
  x = image -> Conv(16, 3) -> relu
  output y = x -> max_pool(2) -> flatten -> Dense(10)
}
