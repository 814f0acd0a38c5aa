block Center {
  input x: float[N, D]
  state average: float[D] = zeros()
  if training {
    average = 0.9 * average + 0.1 * x
  }
  output x - average
}

model M {
  input x: f32[N, 4]
  output y = x -> Center
}
