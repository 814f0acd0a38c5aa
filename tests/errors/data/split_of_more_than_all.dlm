model M {
  input x: f32[N, 2]
  output y = x -> Dense(1)
}

data points {
  source = inline(x = [[1.0, 2.0], [3.0, 4.0]], target = [[1.0], [2.0]])
  x:      f32[2]
  target: f32[1]
  split  = random(train = 80%, validation = 30%)
}
