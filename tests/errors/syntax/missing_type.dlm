model M {
  input x
  output y = x -> Dense(2)
}
