model M(classes = 10) {
  input x: f32[N, 4]
  output logits: f32[N, classes] = x -> Dense(classes - 1)
}
