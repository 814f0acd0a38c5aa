block A {
  input x: float[N, D]
  output x -> B
}

block B {
  input x: float[N, D]
  output x -> C
}

block C {
  input x: float[N, D]
  output x -> A
}

model M {
  input x: f32[N, 4]
  output y = x -> A
}
