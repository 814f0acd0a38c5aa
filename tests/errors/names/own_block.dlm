block Residual(width) {
  input x: float[N, D]
  output x + (x -> Dense(width) -> relu -> Dense(D))
}

model M {
  input x: f32[N, 4]
  output y = x -> Residal(8)
}
