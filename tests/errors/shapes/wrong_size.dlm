block Cell {
  input x: float[N, 8]
  output x -> Dense(8)
}

model M {
  input x: f32[N, 4]
  output y = x -> Dense(6) -> relu -> Cell
}
