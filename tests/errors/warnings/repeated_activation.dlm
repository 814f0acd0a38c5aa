"""W0302: activations one after another."""

block Head {
  input x: float[N, D]
  output x -> softmax
}

block Starts {
  input x: float[N, D]
  output x -> relu -> Dense(3)
}

model Net {
  input x: f32[N, T, 4]
  a = x -> softmax -> softmax
  b = mean(x, axis = 1) -> Head -> log_softmax          # through a block
  c = x -> relu -> relu
  d = x -> sigmoid -> relu
  e = x -> softmax(axis = 1) -> softmax(axis = 2)       # along another axis
  f = x -> relu -> Dense(4) -> relu
  g = mean(x, axis = 1) -> relu -> Starts               # a block begins as it likes
  for i in 0..2 { c = c -> sigmoid -> sigmoid }         # said once
  output y = mean(a + c + d + e + f, axis = 1) + b
  output other = g
}
