use "parts/broken.dlm": Broken

model M {
  input x: f32[N, 4]
  output y = x -> Broken
}
