block Halves {
  input x: float[N, C, T]
  param w: float[C / 2, 3] = zeros()
  output x
}

model M {
  input x: f32[N, 5, T]
  half = reshape(x, [N, 5, 2, T / 2])
  output y = x -> Halves
}
