data flowers {
  source = csv("../flowers.csv")
  petal: f32[3] = columns("petal_*")
}
