data flowers {
  source = cvs("../flowers.csv")
  width: f32 = column("width")
}
