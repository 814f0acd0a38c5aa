data d {
  source = inline(x = [1, 2, 3], y = [1, 2])
  x: f32
  y: f32
}
