model M {
  input x: f32[N, 4]
  layers = [Dense(4) for i in 0..3]
  output y = x
}
