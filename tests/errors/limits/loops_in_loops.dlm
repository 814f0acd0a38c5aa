model M {
  input x: f32[N, 4]
  total = 0
  for i in 0..10_000 {
    for j in 0..10_000 {
      total = total + i * j
    }
  }
  output y = x -> Dense(2)
}
