model M {
  input x: f32[N, 4]
  x -> Dense(2)
}
