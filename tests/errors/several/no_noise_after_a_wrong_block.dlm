block Wrong {
  input x: float[N, D]
  output x -> Dense(D) -> Relu6x
}

model M {
  input x: f32[N, 4]
  x = x -> Wrong -> Wrong
  y = x -> Wrong
  output y = y -> Dense(2)
}
