model M {
  input x: f32[N, 4]
  x = if training then x -> Dense(8) else x -> Dense(9)
  output y = x -> Dense(2)
}
