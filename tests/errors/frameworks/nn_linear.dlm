model M {
  input x: f32[N, 4]
  output y = x -> nn.Linear(4, 8) -> nn.ReLU()
}
