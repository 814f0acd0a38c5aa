model M {
  input tokens: i64[N, T]
  embed = Embedding(100, 16)
  x = tokens -> Embedding(100, 16)
  output y = x @ transpose(embed.weight)
}
