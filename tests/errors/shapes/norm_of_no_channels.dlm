model M {
  input x: f32[N]
  output y = x -> BatchNorm
}
