model M {
  input tokens: i64[N, T]
  output y = tokens -> Embedding(16)
}
