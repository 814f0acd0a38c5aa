model M {
  input x: f32[N, 4]
  relu = x -> Dense(8)
  output y = relu -> relu
}
