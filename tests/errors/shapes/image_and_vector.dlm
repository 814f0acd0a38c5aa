model M {
  input image: f32[N, 3, 8, 8]
  param scale: f32[3] = ones()
  output y = image * scale
}
