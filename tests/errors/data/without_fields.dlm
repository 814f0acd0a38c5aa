data flowers {
  source = csv("../flowers.csv")
}
