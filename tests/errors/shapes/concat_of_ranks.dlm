model M {
  input a: f32[N, 4]
  input b: f32[N, 5, 8]
  output y = concat([a, b], axis = 1)
}
