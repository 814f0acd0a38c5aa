block Pair {
  input x: float[N, D]
  output x -> Dense(D) as first -> Dense(D) as second
}

model M {
  input x: f32[N, 4]
  pair = Pair()
  y = pair(x)
  output y = y @ pair.first.weight
}
