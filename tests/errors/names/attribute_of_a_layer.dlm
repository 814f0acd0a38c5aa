model M {
  input tokens: i64[N, T]
  embed = Embedding(100, 16)
  x = embed(tokens)
  output logits = x @ transpose(embed.wieght)
}
