model M {
  input x: f32[N, T, 4]
  output y = x -> Transformer(64)
}
