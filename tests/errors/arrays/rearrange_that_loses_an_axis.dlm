"""A mean was meant."""

model Net {
  input  image: f32[N, 3, 8, 8]
  output y = image -> rearrange("n c h w -> n c")
}
