block Twice {
  input x: float[N, D]
  output a = x -> Dense(D)
  output b = x -> Dense(D)
}

model M {
  input x: f32[N, 4]
  both = x -> Twice
  output y = both.a + both.b
}
