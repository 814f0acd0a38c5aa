model M {
  input image: f32[N, 4]
  hidden = image -> Dense(8) -> relu
  output y = hiden -> Dense(2)
}
