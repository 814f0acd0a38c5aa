block Double {
  input x: float[N, D]
  output 2 * x
}

model M {
  input x: f32[N, 4]
  double = Double()
  output y = double(x, x)
}
