model M {
  input x: f32[N, 4]
  param scale: f32[4] = orthogonal()
  param mix: f32[2, 4, 4] = identity()
  output y = x * scale -> Dense(2, init = identity()) -> Conv(4, 3, init = identity())
}
