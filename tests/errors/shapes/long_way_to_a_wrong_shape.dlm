model M {
  input image: f32[N, 1, 28, 28]
  x = image -> Conv(8, 5) -> relu -> max_pool(2)
  x = x -> Conv(16, 5) -> relu -> max_pool(2)
  output y = reshape(x, [N, 400]) -> Dense(120) -> relu -> Dense(10)
}
