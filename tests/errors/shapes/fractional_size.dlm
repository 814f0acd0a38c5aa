model M(width = 8) {
  input x: f32[N, 4]
  a = x -> Dense(width * 0.5)
  b = x -> Dense(2.0)
  c = x -> Dense(9 / 2)
  param w: f32[9 / 2, 1.5] = zeros()
  output y = x
}
