model M {
  input x: f32[N, 4]
  output label: i64[N, 10] = x -> Dense(10)
}
