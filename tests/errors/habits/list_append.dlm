model M {
  input x: f32[N, 4]
  layers = []
  for i in 0..3 {
    layers.append(Dense(4))
  }
  output y = x
}
