modl A {
  input x: f32[N, 4]
  output y = x
}

model B {
  input x = f32[N, 4]
  output y = x
}

model C {
  input x: f32[N, 4]
  output y = x -> Dense(2
}

model D {
  input x: f32[N, 4];
  output y := x ** 2
}
