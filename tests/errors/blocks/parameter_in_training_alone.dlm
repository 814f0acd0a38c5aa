block Noise {
  input x: float[N, D]
  if training {
    param scale: float[D] = ones()
    x = x * scale
  }
  output x
}

model M {
  input x: f32[N, 4]
  output y = x -> Noise
}
