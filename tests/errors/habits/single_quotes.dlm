data flowers {
  source = csv('../flowers.csv')
  width: f32 = column('width')
}
