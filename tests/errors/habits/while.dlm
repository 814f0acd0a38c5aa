model M {
  input x: f32[N, 4]
  i = 0
  while i < 3 {
    x = x -> Dense(4)
    i = i + 1
  }
  output y = x
}
