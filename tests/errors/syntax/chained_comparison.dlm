model M(depth = 3) {
  input x: f32[N, 4]
  output y = if 0 < depth < 5 then x else -x
}
