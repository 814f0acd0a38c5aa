const A = B + 1
const B = A - 1

model M {
  input x: f32[N, 4]
  output y = x -> Dense(A)
}
