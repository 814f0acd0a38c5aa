const big = 1e999
const product = 1e300 * 1e300

model M {
  input x: f32[N, 4]
  output y = x -> Dense(2)
}
