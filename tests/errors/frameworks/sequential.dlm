model M {
  input x: f32[N, 4]
  net = Sequential(Dense(8), relu, Dense(2))
  output y = net(x)
}
