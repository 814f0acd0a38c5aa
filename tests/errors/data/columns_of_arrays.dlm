data d {
  source = inline(x1 = [1.0, 2.0], x2 = [1.0, 2.0])
  x: f32[2] = columns("x*")
}
