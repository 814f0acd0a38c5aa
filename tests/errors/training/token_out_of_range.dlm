model M {
  input tokens: i64[N, 3]
  output y = tokens[:, :-1] -> Embedding(8, 2) -> flatten -> Dense(1)
}

data points {
  source = inline(tokens = [[1, 2, 9], [5, 8, 7]], target = [[0], [1]])
  tokens: i64[3]
  target: f32[1]
}

train M on points {
  loss      = mse(y, target)
  optimizer = adam(lr = 1e-3)
  epochs    = 1
  batch     = 2
}
