model M {
  input x: f32[N, 4]
  self.head = Dense(2)
  output y = self.head(x)
}
