model M {
  input x: f32[N, 4]
  n = 2
  for i in 0..1000 {
    n = n * n
  }
  output y = x -> Dense(n)
}
