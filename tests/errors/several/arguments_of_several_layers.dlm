model M {
  input x: f32[N, 4]
  a = x -> Dense(8, activation = "relu") -> Dropout(0.5)
  b = a -> Dense(units = 2, name = "head")
  output y = b
}
