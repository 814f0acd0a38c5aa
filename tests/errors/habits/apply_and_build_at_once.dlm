model M {
  input x: f32[N, 4]
  output y = Dense(x, 2)
}
