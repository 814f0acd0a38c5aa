data points {
  source = inline(x = [[1.0], [2.0]])
  x: f32[1]
  split = randm(train = 80%, validation = 20%)
}
