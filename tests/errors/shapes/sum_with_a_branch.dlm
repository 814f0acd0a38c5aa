model M {
  input image: f32[N, 1, 8, 8]
  h = image -> Conv(4, 3)
  branch = h -> relu -> Conv(4, 5, padding = 1)
  output h + branch
}
