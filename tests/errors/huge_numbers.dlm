const big = 2 ** 10 ** 9

model M {
  input x: f32[N, 2]
  for i in 0..10000000 {
    x = x -> relu
  }
  output y = x
}
