data d {
  source = inline()
  x: f32
}
