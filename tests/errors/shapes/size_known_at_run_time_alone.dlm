model M {
  input x: f32[N, T]
  output y = x -> Dense(8)
}
