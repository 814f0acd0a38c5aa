data flowers {
  source = csv("../flowers.csv")
  height: f32 = column("hieght")
}
