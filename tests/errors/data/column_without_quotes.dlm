data flowers {
  source = csv("../flowers.csv")
  tall: f32 = column(height)
}
