model M {
  input image: f32[N, 1, 4, 4]
  output y = image -> Conv(8, 3) -> relu -> Conv(8, 3) -> flatten -> Dense(2)
}
