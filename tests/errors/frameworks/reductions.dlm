model M {
  input x: f32[N, 4, 4]
  a = mean(x, dim = 1)
  b = sum(x, axis = 1, keepdim = true)
  c = reduce_sum(x)
  output y = x
}
