model M {
  fn double(x) = 2 * x
  input x: f32[N, 4]
  output y = double(x)
}
