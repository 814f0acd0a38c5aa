fn apply(f, x) = f(f, x)

model M {
  input x: f32[N, 4]
  output y = apply(apply, x)
}
