"""The pattern was made for a batch of vectors."""

model Net {
  input  x: f32[N, T, 16]
  input  y: f32[16, 4]
  output z = x -> einsum("n i, i o -> n o", y)
}
