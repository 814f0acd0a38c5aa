use "parts/blocks.dlm": Residal, act

model M {
  input x: f32[N, 4]
  output y = x -> Residal
}
