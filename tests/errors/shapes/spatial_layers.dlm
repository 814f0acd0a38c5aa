model M {
  input x: f32[N, 6, 8, 8]
  a = x -> ConvTranspose(8, 3, stride = 2, output_padding = 2)
  b = x -> ConvTranspose(8, 3, groups = 4)
  c = x -> ConvTranspose(8, 3, padding = 6)
  d = x -> DepthwiseConv(9)
  e = resize(x, 2, method = "cubic")
  f = resize(x, size = [4, 0])
  g = resize(x, [2, 2, 2])
  h = x -> pixel_shuffle(2)
  i = reflect_pad(x, [1, [0, 8]])
  output x + a + b + c + d + e + f + g + h + i
}
