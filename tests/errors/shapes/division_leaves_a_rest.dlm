block Heads(heads) {
  input x: float[N, T, D]
  output reshape(x, [N, T, heads, D / heads])
}

model M {
  input x: f32[N, T, 64]
  output y = x -> Heads(6)
}
