model M {
  input x: f32[N, T, 4]
  output logits: f32[N, 10] = x -> Dense(10)
}
