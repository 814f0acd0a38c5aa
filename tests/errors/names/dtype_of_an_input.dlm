model M {
  input x: f23[N, 4]
  output y = x -> Dense(2)
}
