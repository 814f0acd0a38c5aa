model M {
  input image: f32[N, 1, 8, 8]
  x = image -> max_pool(2) -> max_pool(2) -> max_pool(2)
  output y = x -> max_pool(2) -> flatten -> Dense(2)
}
