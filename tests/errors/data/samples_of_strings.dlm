data d {
  source = inline(name = ["a", "b"])
  name: i64
}
