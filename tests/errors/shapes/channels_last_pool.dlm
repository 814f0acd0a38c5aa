model M {
  input image: f32[N, 28, 28, 3]
  output y = image -> max_pool(4) -> flatten -> Dense(2)
}
