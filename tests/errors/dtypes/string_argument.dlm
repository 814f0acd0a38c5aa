model M {
  input x: f32[N, 4]
  a = x -> Dense("8")
  b = x -> Dense(true)
  c = x -> Dropout("half")
  d = x -> Dense(8, init = "zeros")
  output y = x
}
