model M {
  input a: f32[N, 4]
  input b: f64[N, 4]
  output y = (a -> Dense(8)) + (b -> Dense(8))
}
