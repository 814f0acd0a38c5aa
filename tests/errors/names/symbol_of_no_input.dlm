model M {
  input x: f32[N, 4]
  output y: f32[B, 2] = x -> Dense(2)
}
