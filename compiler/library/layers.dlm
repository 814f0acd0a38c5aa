"""Layers: blocks that own parameters or states."""

"""Affine map of the last axis: x @ transpose(weight) + bias.

`reparametrize` is a function of the weight, or a block such as `WeightNorm`: what it
gives is used in the weight's place.

    f32[N, 6] -> Dense(4)
    f32[N, T, 6] -> Dense(4, bias = false, init = he_normal())
    f32[N, 6] -> Dense(4, reparametrize = WeightNorm)
    f64[N, 2, 3] -> Dense(4, reparametrize = fn(w) = w - mean(w, axis = 1, keep = true))
"""
block Dense(units, bias = true, init = glorot_uniform(), reparametrize = false) {
  input x: float[..., D]
  param weight: float[units, D] = init
  w = if reparametrize == false then weight else weight -> reparametrize
  y = x @ transpose(w)
  if bias {
    param bias: float[units] = zeros()
    y = y + bias
  }
  output y
}

"""A vector for each of `size` integers: row i of the weight.

    i64[N, T] < 10 -> Embedding(10, 4)
    i32[N] < 5 -> Embedding(5, 3, init = uniform(low = -0.1, high = 0.1))
"""
block Embedding(size, features, init = normal(std = 0.02)) {
  input x: int[...]
  param weight: f32[size, features] = init
  output gather(weight, x, axis = 0)
}
