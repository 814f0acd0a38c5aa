model M {
  input x: f32[N, 4]
  output y = if N == 1 then x else -x
}
