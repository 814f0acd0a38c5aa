model M {
  input image: f32[N, 1, 8, 8]
  output y = image -> Conv(8, 3) -> flatten -> max_pool(2) -> Dense(2)
}
