model M {
  input x: f32[N, 4]
  output y = Add()([x, x -> Dense(4)])
}
