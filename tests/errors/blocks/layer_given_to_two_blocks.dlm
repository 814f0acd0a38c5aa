block Residual(inner) {
  input x: float[N, D]
  output x + inner(x)
}

model M {
  input x: f32[N, 4]
  shared = Dense(4)
  output y = x -> Residual(shared) -> Residual(shared)
}
