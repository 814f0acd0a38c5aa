# A recurrence: `scan` is a `for` over one axis of a tensor, at run time.
block SimpleRNN(units) {
  input x: f32[N, T, D]
  cell = Dense(units)
  scan h = zeros([N, units]) over xt in x axis 1 {
    h = tanh(cell(concat(xt, h, axis = -1)))
    emit states = h
  }
  output sequence = states                              # f32[N, T, units]
  output final    = h                                   # f32[N, units]
}
