const ITEMS = [0] * 1_000_000_000

model M {
  input x: f32[N, 4]
  output y = x -> Dense(2)
}
