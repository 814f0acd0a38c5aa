model M {
  input k: u8[N, 4]
  output y = k + 300
}
