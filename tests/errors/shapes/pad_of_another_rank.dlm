model M {
  input x: f32[N, 4]
  output y = pad(x, [[0, 0], [1, 1], [1, 1]])
}
