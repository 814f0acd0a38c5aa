block Broken {
  input x = float[N, D]
  output x
}
