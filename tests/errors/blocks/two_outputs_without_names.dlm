model M {
  input x: f32[N, 4]
  output x -> Dense(2)
  output x -> Dense(3)
}
