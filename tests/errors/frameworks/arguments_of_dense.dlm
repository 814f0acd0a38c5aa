model M {
  input x: f32[N, 4]
  a = x -> Dense(8, activation = "relu")
  b = x -> Dense(in_features = 4, out_features = 8)
  c = x -> Dense(units = 8, use_bias = false)
  d = x -> Dense(8, name = "head")
  output y = x
}
