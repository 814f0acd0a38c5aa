"""The weight is the wrong way round."""

model Net {
  input x: f32[N, T, 16]
  param weight: f32[8, 16] = glorot_uniform()
  output y = einsum("n t i, i o -> n t o", x, weight)
}
