data d {
  source = inline(image = [[1, 2, 3, 4], [5, 6, 7, 8]])
  image: f32[1, 3, 3] = reshape(column("image"), [1, 3, 3])
}
