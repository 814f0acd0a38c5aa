block B {
  input x: float[N, 8]
  output x
}

model M {
  input x: f32[N, 4]
  a = x -> B
  b = x -> B
  output y = x
}
