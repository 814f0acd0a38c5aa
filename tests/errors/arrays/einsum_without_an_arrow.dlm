"""What NumPy guesses has to be said here."""

model Net {
  input  x: f32[N, 16]
  input  y: f32[N, 16]
  output z = einsum("ni,ni", x, y)
}
