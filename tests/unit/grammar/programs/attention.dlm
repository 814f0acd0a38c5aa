block Attention(heads, causal = false) {
  input x: f32[N, T, D]
  q, k, v = split(x -> Dense(3 * D) as qkv, 3, axis = -1)
  heads_of = fn(z) = rearrange(z, "n t (h d) -> n h t d", h = heads)
  y = attention(heads_of(q), heads_of(k), heads_of(v), causal = causal)
  output rearrange(y, "n h t d -> n t (h d)") -> Dense(D) as out
}

model GPT(vocab = 50257, context = 1024, width = 768, depth = 12, heads = 12) {
  input tokens: i64[N, T <= context]
  embed    = Embedding(vocab, width)                    # a layer held by name: used twice, one set of weights
  param position: f32[context, width] = normal(std = 0.02)
  x = embed(tokens) + position[:T]
  for i in 0..depth {
    x = x + (x -> LayerNorm -> Attention(heads, causal = true))
    x = x + (x -> LayerNorm -> Dense(4 * width) -> gelu -> Dense(width))
  }
  output logits: f32[N, T, vocab] = (x -> LayerNorm) @ transpose(embed.weight)
}
