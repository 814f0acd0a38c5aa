def double(x):
  return 2 * x

model M {
  input x: f32[N, 4]
  output y = double(x)
}
