model M {
  input x: f32[N, 4]
  output y = x -> relu as activation -> Dense(2)
}
