fn double(x: float) = 2 * x

model M {
  input x: f32[N, 4]
  output y = double(x)
}
