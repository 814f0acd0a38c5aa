model M {
  input x: f32[N, 4]
  param w: f32[2, 4] = [[1, 2, 3, 4], [5, 6, 7, 8]]
  output y = x @ transpose(w)
}
