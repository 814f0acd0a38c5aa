model M {
  input x: f32[N, T, 4]
  for t in 0..T {
    x = x -> Dense(4)
  }
  output y = x
}
