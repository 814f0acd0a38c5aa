"""A comment on the line, or alone on the lines before, says that a warning is known."""

model Net(classes = 3) {
  input x: f32[N, 4]
  a = x                            # dlmc: allow W0201
  # It is here for a reason.
  # dlmc: allow W0202 W0201
  b = x
  c = x                            # dlmc: allow W0202
  d = x                            # dlmc: allow W0201
  e = x                            # the line before speaks of itself
  # dlmc: allow W0304, W0302
  y = x -> Dense(3) -> relu -> relu
  output y -> Dense(classes)
}
