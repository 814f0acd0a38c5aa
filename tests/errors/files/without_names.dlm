use "parts/blocks.dlm"

model M {
  input x: f32[N, 4]
  output y = x -> Residual
}
