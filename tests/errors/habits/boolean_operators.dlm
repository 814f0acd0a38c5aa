model M(a = true, b = false) {
  input x: f32[N, 4]
  output y = if a && !b then x else 2 * x
}
