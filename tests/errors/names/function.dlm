model M {
  input x: f32[N, 4]
  output y = x -> Dense(8) -> leaky_rlu(0.2)
}
