model M {
  input x: f32[N, 4]
  output logits: f32[N, 3] = x -> Dense(3)
}

data points {
  source = inline(x = [[1, 2, 3, 4], [5, 6, 7, 8]], label = [0, -1])
  x:     f32[4]
  label: i64
}

train M on points {
  loss      = cross_entropy(logits, label, weight = [1, 2, 1])
  optimizer = adam(lr = 1e-3)
  epochs    = 1
  batch     = 2
}
