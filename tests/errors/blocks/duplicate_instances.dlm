model M {
  input x: f32[N, 4]
  x = x -> Dense(4) as hidden
  x = x -> Dense(4) as hidden
  output y = x -> Dense(2)
}
