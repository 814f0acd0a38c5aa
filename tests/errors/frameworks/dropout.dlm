model M {
  input x: f32[N, 4]
  output y = x -> dropout(p = 0.5) -> Dropout(p = 0.5) -> Dense(2)
}
