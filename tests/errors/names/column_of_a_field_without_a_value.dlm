data flowers {
  source = csv("../flowers.csv")
  heights: f32
}
