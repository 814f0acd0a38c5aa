data d {
  source = inline(x = [1, 2, 3])
  x: f32 = normalize(column("x"))
}
