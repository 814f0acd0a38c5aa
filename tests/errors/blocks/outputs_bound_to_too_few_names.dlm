block Three {
  input x: float[N, D]
  output a = x
  output b = 2 * x
  output c = 3 * x
}

model M {
  input x: f32[N, 4]
  a, b = x -> Three
  output y = a + b
}
