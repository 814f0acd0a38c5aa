data d {
  source = inline(x = [[1], [2]])
  x: f32[2] = column("x") -> Dense(2)
}
