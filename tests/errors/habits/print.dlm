model M {
  input x: f32[N, 4]
  print(x.shape)
  output y = x -> Dense(2)
}
