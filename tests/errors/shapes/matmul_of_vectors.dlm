model M {
  input x: f32[N, 4]
  param v: f32[4] = ones()
  output y = v @ x
}
