model M {
  input tokens: i64[N, T]
  output y = tokens -> Embedding(num_embeddings = 100, embedding_dim = 16)
}
