model M {
  input in: f32[N, 4]
  output y = in -> Dense(2)
}
