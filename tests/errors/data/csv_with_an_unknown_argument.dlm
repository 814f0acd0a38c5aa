data flowers {
  source = csv("../flowers.csv", sep = ";")
  height: f32
}
