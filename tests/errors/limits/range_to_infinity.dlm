model M {
  input x: f32[N, 4]
  for i in 0..inf {
    x = x + 1
  }
  output y = x
}
