model M {
  input x: f32[N, 4]
  h: f32[N, 8] = x -> Dense(8)
  output y = h -> Dense(units: 2)
}
