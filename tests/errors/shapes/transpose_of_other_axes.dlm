model M {
  input x: f32[N, 3, 8]
  a = transpose(x, [0, 2])
  b = transpose(x, [0, 1, 1])
  c = transpose(x, 1, 2)
  output y = x
}
