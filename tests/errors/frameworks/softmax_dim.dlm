model M {
  input x: f32[N, 4]
  output y = softmax(x, dim = -1)
}
