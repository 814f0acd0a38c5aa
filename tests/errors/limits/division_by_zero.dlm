model M(parts = 0) {
  input x: f32[N, 4]
  a = 4 / parts
  b = 4 // parts
  c = 4 % parts
  d = N / 0
  output y = x -> Dense(2)
}
