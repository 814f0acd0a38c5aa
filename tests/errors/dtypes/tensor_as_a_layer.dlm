model M {
  input x: f32[N, 4]
  hidden = x -> Dense(4)
  output y = x -> hidden
}
