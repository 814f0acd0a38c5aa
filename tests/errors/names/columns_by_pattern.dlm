data flowers {
  source = csv("../flowers.csv")
  sizes: f32[2] = columns("petals_*")
}
