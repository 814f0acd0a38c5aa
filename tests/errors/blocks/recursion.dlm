block A(depth) {
  input x: float[N, D]
  output if depth == 0 then x else x -> Dense(D) -> A(depth - 1)
}

model M {
  input x: f32[N, 4]
  output y = x -> A(3)
}
