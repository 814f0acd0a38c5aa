block Pair(width) {
  input x: float[N, D]
  output x -> Dense(width) -> Conv(3, 3)
}

model M {
  input x: f32[N, 2]
  output y = x -> Pair(4)
}
