model M {
  input x: f32[N, T, 4]
  for step in x {
    y = step -> Dense(4)
  }
  output y
}
