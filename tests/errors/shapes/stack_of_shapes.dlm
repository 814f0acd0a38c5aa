model M {
  input a: f32[N, 4]
  input b: f32[N, 5]
  output y = stack([a, b], axis = 1)
}
