block B {
  input x: float[N, D]
  if training {
    param w: float[D] = ones()
    x = x * w
  }
  output x
}

model M {
  input x: f32[N, 4]
  output y = x -> B
}
