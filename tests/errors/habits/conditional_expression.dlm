model M(deep = true) {
  input x: f32[N, 4]
  output y = x -> Dense(16 if deep else 8)
}
