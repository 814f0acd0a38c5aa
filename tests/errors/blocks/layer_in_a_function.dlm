fn head(x) = x -> Dense(2)

model M {
  input x: f32[N, 4]
  output y = head(x)
}
