block RNN(units) {
  input x: float[N, T, D]
  cell = Dense(units)
  scan h = zeros([N, units]) over xt in x axis 1 {
    h = tanh(cell(concat(xt, h, axis = -1)))
  }
  output h
}

model M {
  input x: f32[N, T, 4]
  output y = x -> RNN(8)
}
