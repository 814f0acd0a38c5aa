model M {
  input x: f32[N, 4]
  a = mean(x, axis = 2)
  b = softmax(x, axis = 3)
  c = concat(x, x, axis = 2)
  d = sum(x, axis = [0, 0])
  output y = x
}
