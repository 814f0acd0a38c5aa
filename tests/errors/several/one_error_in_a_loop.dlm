model M {
  input x: f32[N, 4]
  for i in 0..100 {
    x = x -> Dense(4) -> nrom
  }
  output y = x
}
