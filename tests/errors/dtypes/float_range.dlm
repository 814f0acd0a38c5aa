model M(depth = 4) {
  input x: f32[N, 4]
  for i in 0..depth / 3 {
    x = x -> Dense(4)
  }
  output y = x
}
