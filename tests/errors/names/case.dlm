model M {
  input x: f32[N, 4]
  X = x -> dense(8)
  output y = X -> Relu
}
