model M {
  input x: f32[N, 4]
  a = x -> Dense(8, units = 9)
  b = x -> Dense(bias = false, units = 9, bias = true)
  output y = x
}
