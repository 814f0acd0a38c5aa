model M {
  input x: f32[N, 4]
  input z: f32[N, 5]
  output y = x + z
}
