model M {
  input x: f32[N, 4]
  y = hidden -> Dense(2)
  hidden = x -> Dense(8)
  output y
}
