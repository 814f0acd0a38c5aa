model Line {
  input  x: f32[N, 2]
  output y = standardize(x) -> Dense(1)
}
