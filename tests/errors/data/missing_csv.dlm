data flowers {
  source = csv("flower.csv")
  width: f32 = column("width")
}
