block Product {
  input a: float[N, D]
  input b: float[N, D]
  output a * b
}

model M {
  input x: f32[N, 4]
  output y = x -> Product
}
