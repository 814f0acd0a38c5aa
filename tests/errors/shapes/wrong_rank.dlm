block PerStep {
  input x: float[N, T, D]
  output x -> Dense(D)
}

model M {
  input x: f32[N, 4]
  output y = x -> PerStep
}
