block Up(factor = 2) {
  input x: float[N, D]
  output x -> Dense(factor * D)
}

model M {
  input x: f32[N, 4]
  output y = x -> Up(facter = 3)
}
