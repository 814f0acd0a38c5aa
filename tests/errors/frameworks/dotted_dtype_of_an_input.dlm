model M {
  input x: torch.float32[N, 4]
  output y = x -> Dense(2)
}
