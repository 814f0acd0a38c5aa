data flowers {
  source = "../flowers.csv"
  height: f32
}
