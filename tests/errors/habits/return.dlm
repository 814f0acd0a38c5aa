block Double {
  input x: float[N, D]
  return 2 * x
}

model M {
  input x: f32[N, 4]
  output y = x -> Double
}
