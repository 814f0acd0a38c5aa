model M(deep = true) {
  input x: f32[N, 4]
  y = if deep then x -> Dense(4)
  output y
}
