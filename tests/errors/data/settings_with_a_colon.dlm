data d {
  source: csv("../flowers.csv")
  height = f32
}
