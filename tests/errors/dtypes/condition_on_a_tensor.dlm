model M {
  input x: f32[N, 4]
  output y = if x > 0 then x else -x
}
