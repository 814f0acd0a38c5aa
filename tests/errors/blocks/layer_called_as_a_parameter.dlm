model M {
  input x: f32[N, 4]
  param scale: f32[4] = ones()
  output y = (x * scale) -> Dense(2) as scale
}
