model M {
  input image: f32[N, 3, H, W]
  output y = image -> flatten -> Dense(10)
}
