model M {
  input x: f32[N, 4]
  output y = x + [1, 2, "3", 4]
}
