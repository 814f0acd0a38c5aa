data points {
  source = inline(x = [[1.0], [2.0]])
  x: f32[1]
  split = random(train = 80%, valid = 20%)
}
