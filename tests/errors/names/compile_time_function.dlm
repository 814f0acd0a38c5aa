model M(widths = [8, 8]) {
  input x: f32[N, 4]
  for i, width in enumrate(widths) {
    x = x -> Dense(width)
  }
  output y = x -> Dense(2)
}
