model M(options = [1]) {
  input x: f32[N, 4]
  output y = x -> Dense(**options)
}
