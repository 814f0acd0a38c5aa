block Apply(f) {
  input x: float[N, D]
  output f(x)
}

model M {
  input x: f32[N, 4]
  hidden = Dense(4)
  output y = x -> Apply(fn(z) = hidden(z))
}
