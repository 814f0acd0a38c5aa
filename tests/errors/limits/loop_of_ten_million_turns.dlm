model M {
  input x: f32[N, 4]
  for i in 0..10_000_000 {
    x = x + 1
  }
  output y = x
}
