use "parts/blocks.dlm": Residual

model M {
  input x: f32[N, 4]
  a = x -> Residual(8)
  b = x -> Residual(width = 8)
  output y = x
}
