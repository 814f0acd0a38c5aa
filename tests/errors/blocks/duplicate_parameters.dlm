fn scaled(x, by, by) = by * x

block B(width, width) {
  input x: float[N, D]
  output x
}

model M {
  input x: f32[N, 4]
  output y = x
}
