model M {
  input tokens: i64[N, T]
  embed = Embedding(100, 16)
  x = embd(tokens)
  output logits = x @ transpose(embed.weight)
}
