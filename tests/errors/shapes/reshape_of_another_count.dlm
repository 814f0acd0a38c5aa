model M {
  input x: f32[N, 3, 8, 8]
  output y = reshape(x, [N, 100]) -> Dense(2)
}
