model M(rate = 1) {
  input x: f32[N, 4, 8]
  a = x -> Dropout(20) -> Dense(4)
  b = x -> ChannelDropout(rate) -> Dense(4)
  c = x -> DropPath(-0.1)
  output a + b + c
}
