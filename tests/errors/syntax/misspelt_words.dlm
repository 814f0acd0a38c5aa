modle A {
  input x: f32[N, 4]
  output y = x
}

model B {
  imput x: f32[N, 4]
  ouput y = x
}
