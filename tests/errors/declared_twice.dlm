block A {
  input x: float[N, D]
  output x
}

block A {
  input x: float[N, D]
  output x -> relu
}

model M {
  input x: f32[N, 4]
  input x: f32[N, 5]
  output y = x -> A
}
