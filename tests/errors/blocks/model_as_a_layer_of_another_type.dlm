model Encoder {
  input x: f32[N, 4]
  output z = x -> Dense(2)
}

model M {
  input x: f32[N, 5]
  output y = x -> Encoder -> Dense(5)
}
