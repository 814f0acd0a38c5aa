model M {
  input x: f32[N, 4]
  if mean(x) > 0 {
    x = -x
  }
  output y = x
}
