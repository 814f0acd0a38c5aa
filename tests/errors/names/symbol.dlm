model M {
  input x: f32[N, T, 4]
  output y = reshape(x, [N, S * 4])
}
