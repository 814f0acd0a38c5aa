model M {
  input x: f32[N, 4]
  a = x[:, 4]
  b = x[:, 1:9]
  c = x[:, 3:1]
  d = x[0, 0, 0]
  e = x[:, ::0]
  output y = x
}
