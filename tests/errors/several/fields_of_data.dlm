data flowers {
  source = csv("../flowers.csv")
  height: f33
  hieght: f32
  petals: f32[2] = columns("petals_*")
  length: f32    = column("petal_length", type = f32)
  split = random(train = 80%, valid = 20%)
}
