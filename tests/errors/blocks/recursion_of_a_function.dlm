fn factorial(n) = if n <= 1 then 1 else n * factorial(n - 1)

model M {
  input x: f32[N, 4]
  output y = x -> Dense(factorial(3))
}
