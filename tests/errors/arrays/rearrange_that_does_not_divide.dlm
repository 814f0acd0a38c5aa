"""Five heads do not share 32 features."""

block Heads(count) {
  input x: float[N, T, D]
  output rearrange(x, "n t (h d) -> n h t d", h = count)
}

model Net {
  input  x: f32[N, T, 32]
  output y = x -> Dense(32) -> Heads(5)
}
