data d {
  source = inline(x = 3)
  x: f32
}
