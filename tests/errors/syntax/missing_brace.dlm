model M {
  input x: f32[N, 2]
  output y = x -> Dense(1)
