model M {
  input x: f32[N, 10]
  a, b, c = split(x, 3, axis = -1)
  output y = a
}
