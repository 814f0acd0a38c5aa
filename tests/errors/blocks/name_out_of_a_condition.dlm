model M(deep = false) {
  input x: f32[N, 4]
  if deep {
    hidden = x -> Dense(8)
  }
  output y = hidden -> Dense(2)
}
