model M(classes = 10) {
  input x: f32[N, 4]
  output y: f32[N, classes] = x -> Dense(5)
}
