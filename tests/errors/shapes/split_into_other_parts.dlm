model M {
  input x: f32[N, 12]
  a, b = split(x, 3, axis = -1)
  output y = a
}
