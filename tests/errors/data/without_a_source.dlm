data flowers {
  height: f32
}
