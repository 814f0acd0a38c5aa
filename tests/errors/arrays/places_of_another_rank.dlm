"""One index for each sample is not one for each row of each sample."""

model Net {
  input  x:    f32[N, T, 16]
  input  last: i64[N]
  output y = take_along_axis(x, last, axis = 1)
}
