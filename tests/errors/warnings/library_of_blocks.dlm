"""A file without a model is for others: nothing in it has to be used here."""

const WIDTH = 4

fn doubled(x, times) = 2 * x

block Wide {
  input x: float[N, D]
  lost = x
  output x -> Dense(WIDTH)
}
