model M {
  input x: f32[N, 4, 4]
  output y = x.view(-1, 16) -> Dense(2)
}
