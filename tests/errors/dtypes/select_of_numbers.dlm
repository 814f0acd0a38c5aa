model M {
  input mask: bool[N, 4]
  output y = select(mask, 1, -2.5)
}
