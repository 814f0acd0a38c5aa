model M {
  input x: f32[N, 4]
  for i in range(3) {
    x = x -> Dense(4)
  }
  output y = x -> Dense(2)
}
