data flowers {
  source = inline(height = [5, 6, 7])
  tall: f32 = column("height", dtype = i64)
}
