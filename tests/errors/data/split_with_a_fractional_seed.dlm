data d {
  source = inline(x = [1, 2, 3])
  x: f32
  split = random(train = 80%, test = 20%, seed = 0.5)
}
