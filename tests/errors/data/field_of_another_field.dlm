data flowers {
  source = csv("../flowers.csv")
  height: f32
  tall: f32 = 2 * height
}
