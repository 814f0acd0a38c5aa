data flowers {
  source = csv("..")
  width: f32 = column("width")
}
