model M {
  input x: f32[N, 4]
  output y = x -> Dense(3, true, zeros(), false, 7)
}
