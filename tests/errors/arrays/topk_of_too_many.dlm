"""There are ten classes."""

model Net {
  input logits: f32[N, 10]
  best, places = topk(logits, 12)
  output y = best
  output z = places
}
