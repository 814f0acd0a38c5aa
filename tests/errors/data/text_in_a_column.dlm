data people {
  source = csv("../labelled.csv")
  age:    f32
  kind:   i64
  weight: f32
  both:   f32[2] = columns("age", "weight")
}
