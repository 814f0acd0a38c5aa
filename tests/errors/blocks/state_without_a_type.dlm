block Center {
  input x: float[N, D]
  state average = zeros()
  output x - average
}

model M {
  input x: f32[N, 4]
  output y = x -> Center
}
