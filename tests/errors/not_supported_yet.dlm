block R(units) {
  input x: float[N, T, D]
  cell = Dense(units)
  scan h = zeros() over xt in x axis 1 {
    h = tanh(cell(xt))
    emit states = h
  }
  output states
}

model M {
  input x: f32[N, 5, 4]
  output y = x -> R(3)
}
