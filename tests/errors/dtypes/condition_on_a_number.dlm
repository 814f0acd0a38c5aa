model M(depth = 3) {
  input x: f32[N, 4]
  if depth {
    x = x -> Dense(4)
  }
  output y = if not depth then x else -x
}
