model M {
  input x: f32[N, 4]
  for i in 0..2 {
    x = x -> Dense(4) as f"layer{i}"
  }
  output y = x -> Dense(2)
}
