data d {
  source = inline(x = [1, 2, 3])
  x: f32
  split = random(train = 80%, validation = 10%)
}
