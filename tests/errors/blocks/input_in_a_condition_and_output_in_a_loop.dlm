model M {
  input x: f32[N, 4]
  for i in 0..2 {
    output y = x
  }
}
