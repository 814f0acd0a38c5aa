model M {
  input x: f32[N, 4]
  y = x -> Dense(2)
}
