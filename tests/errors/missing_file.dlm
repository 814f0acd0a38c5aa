model M {
  input x: f32[N, 2]
  output y = x -> Dense(1)
}

data flowers {
  source = csv("no_such_file.csv")
  x: f32[2] = columns("petal_*")
}
