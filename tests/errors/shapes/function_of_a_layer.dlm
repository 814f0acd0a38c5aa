model M {
  input image: f32[N, 1, 8, 8]
  x = image -> conv(6, 5)
  output concat(x, image)
}
