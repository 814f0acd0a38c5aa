data d {
  source = inline(x = [1, 2, 3])
  x: f32
  split = random(train = 0, test = 100%)
}
