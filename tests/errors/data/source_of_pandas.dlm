data flowers {
  source = read_csv("../flowers.csv")
  height: f32
}
