block Apply(f) {
  input x: float[N, D]
  output f(x)
}

model M {
  input x: f32[N, 4]
  scale = mean(x, axis = 0)
  output y = x -> Apply(fn(z) = z * scale)
}
