model M {
  input x: f32[N, 4, 4]
  output y = x -> layers.Flatten() -> layers.Dense(units = 8)
}
