data points {
  source = inline(x = [[1.0], [2.0]]),
  x: f32[1],
}
