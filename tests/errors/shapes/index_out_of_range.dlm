model M {
  input x: f32[N, 4]
  sizes = [1, 2]
  a = x[:, 4]
  b = sizes[2]
  c = x[0, 0, 0]
  output y = x[:, -5]
}
