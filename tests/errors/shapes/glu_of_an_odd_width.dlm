model M {
  input x: f32[N, 5]
  output y = x -> glu
}
