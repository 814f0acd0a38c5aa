const WIDTH = UNKNOWN * 2

block B {
  input x: float[N, D]
  output x -> Dense(WIDTH)
}

model M {
  input x: f32[N, 4]
  output y = x -> B -> Dense(WIDTH)
}
