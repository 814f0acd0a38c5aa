model M {
  input x: f32[N, 4, 4]
  output y = mean(x, axis = (1, 2))
}
