block Scale {
  input x: float[N, D]
  input by: float[N, D]
  output x * by
}

model M {
  input x: f32[N, 4]
  output y = x -> Scale(by = x)
}
