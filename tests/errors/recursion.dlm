block A {
  input x: float[N, D]
  output x -> A
}

model M {
  input x: f32[N, 4]
  output y = x -> A
}
