"""W0202: a value that another takes the place of before anything asks for it."""

block Twice(width, depth) {
  input x: float[N, D]
  input start: float[N, D]
  start = x * 2                    # the input is lost
  y = start -> Dense(width)        # and so is this
  y = x -> Dense(width)
  z = y
  if depth > 1 {
    z = y -> Dense(width)          # only one way leads here: `z = y` is used on the other
  }
  for i in 0..depth {
    z = z + 1                      # each turn asks for what the last one left
  }
  both = x
  if depth > 1 { both = z } else { both = 2 * z }
  output both
}

model Net {
  input a: f32[N, 4]
  twice = Twice(4, depth = 2)
  output twice(a, a)
}
