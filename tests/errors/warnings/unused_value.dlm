"""W0201: of what a body binds, some is asked for on no way."""

block Heads(width) {
  input x: float[N, D]
  head = Dense(width)              # a layer that is never applied
  wide = x -> Dense(2 * width)     # a value that nothing asks for
  first, second = split(x, [1, D - 1])  # neither of the two
  _spare = Dense(width)            # meant so
  left, right = split(x, [1, D - 1])    # one of them is enough
  scale = 2
  twice = fn(z) = scale * z        # `scale` is asked for when `twice` is called
  scale = 3
  output twice(right)
}

model Net(depth = 3) {
  input x: f32[N, 4]
  for i in 0..depth {
    x = x -> Dense(4) -> relu      # the next turn takes it, or what follows
    last = x                       # none does
  }
  if depth > 2 {
    y = x -> Heads(3)
  } else {
    y = x
  }
  size = 5
  for i in 0..2 {
    y = y -> Dense(size) as "stage{i + size}"
    size = size + 1                # asked for in the next turn
  }
  output y
}
