model M {
  input x: f32[N, 4]
  double = lambda z: 2 * z
  output y = double(x)
}
