model M {
  input x: f32[N, 4]
  assert x.shape[1] == 4
  output y = x -> Dense(2)
}
