data d {
  source = inline(image = [[1, 2, 3, 4], [5, 6, 7, 8]])
  image: f32[N, 4]
}
