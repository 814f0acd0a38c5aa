data d {
  source = inline(x = [1, 2, 3])
  x: f32
  split = train_test_split(test_size = 0.2)
}
