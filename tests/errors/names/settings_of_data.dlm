data points {
  sorce  = inline(x = [[1.0], [2.0]], target = [[2.0], [4.0]])
  x:      f32[1]
  target: f32[1]
  splits = random(train = 50%, test = 50%)
}
