model M {
  input x: f32[N, 4]
  sizes = {"a": 1}
  output y = x
}
