model M {
  input x: f32[N, 4]
  x += 1
  output y = x -> Dense(2)
}
