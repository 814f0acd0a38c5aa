model M(width = 4) {
  input x: f32[N, 4]
  w = int(width / 3)
  v = float(width)
  u = str(width)
  output y = x -> Dense(w)
}
