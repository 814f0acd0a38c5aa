data d {
  source = inline([1, 2, 3])
  x: f32
}
