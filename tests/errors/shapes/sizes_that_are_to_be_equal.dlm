block Product {
  input a: float[N, D]
  input b: float[N, D]
  output a * b
}

model M {
  input a: f32[N, 4]
  input b: f32[N, 5]
  product = Product()
  output y = product(a, b)
}
