use "itself.dlm": A

block A {
  input x: float[N, D]
  output x
}

model M {
  input x: f32[N, 4]
  output y = x -> A
}
