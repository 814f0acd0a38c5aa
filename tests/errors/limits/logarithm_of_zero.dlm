const a = log(0)
const b = sqrt(-1)
const c = (-2) ** 0.5

model M {
  input x: f32[N, 4]
  output y = x -> Dense(2)
}
