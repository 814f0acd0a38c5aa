model M(context = 128, width = 16) {
  input tokens: i64[N, T]
  param position: f32[context, width] = normal(std = 0.02)
  x = tokens -> Embedding(100, width)
  output y = (x + position[:T]) -> Dense(100)
}
