model M {
  input x: float[N, D]
  input z: f32[..., 4]
  output y = x -> Dense(2)
}
