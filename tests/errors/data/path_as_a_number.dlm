data flowers {
  source = csv(3)
  height: f32
}
