model M {
  input x: f32[N, 4]
  items = [0]
  for i in 0..64 {
    items = items + items
  }
  output y = x -> Dense(len(items))
}
