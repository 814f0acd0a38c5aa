model M {
  input x: f32[N, 4]
  layer = Dense
  output y = layer(x)
}
