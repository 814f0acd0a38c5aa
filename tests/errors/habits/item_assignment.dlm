model M {
  input x: f32[N, 4]
  x[:, 0] = 0
  output y = x
}
