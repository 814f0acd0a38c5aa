model M {
  input x: f32[N, 4]
  output y = broadcast(x, [N, 3, 5])
}
