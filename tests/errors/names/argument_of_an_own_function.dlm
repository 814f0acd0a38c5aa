fn scaled(x, by = 2) = by * x

model M {
  input x: f32[N, 4]
  output y = scaled(x, bye = 3)
}
