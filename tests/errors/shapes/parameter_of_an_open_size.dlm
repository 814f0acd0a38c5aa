model M {
  input x: f32[N, T, 8]
  param position: f32[T, 8] = zeros()
  output y = x + position
}
