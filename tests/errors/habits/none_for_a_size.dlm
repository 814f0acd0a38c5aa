model M {
  input x: f32[None, 8]
  y = x[:, None]
  output y -> Dense(2, init = None)
}
