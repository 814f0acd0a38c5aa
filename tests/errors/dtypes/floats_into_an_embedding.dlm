model M {
  input tokens: f32[N, T]
  output y = tokens -> Embedding(100, 16)
}
