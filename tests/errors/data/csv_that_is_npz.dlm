data flowers {
  source = npz("../flowers.csv")
  width: f32 = column("width")
}
