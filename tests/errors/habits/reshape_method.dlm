model M {
  input x: f32[N, 4, 4]
  output y = x.reshape([N, 16]) -> Dense(2)
}
