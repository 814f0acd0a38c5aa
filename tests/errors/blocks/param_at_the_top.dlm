param scale: f32[4] = ones()

model M {
  input x: f32[N, 4]
  output y = x * scale
}
