"""Layers: blocks that own parameters or states."""

"""Affine map of the last axis: x @ transpose(weight) + bias."""
block Dense(units, bias = true, init = glorot_uniform()) {
  input x: float[..., D]
  param weight: float[units, D] = init
  y = x @ transpose(weight)
  if bias {
    param bias: float[units] = zeros()
    y = y + bias
  }
  output y
}

"""Dropout (Srivastava et al., 2014): in training each number becomes 0 with probability
`rate`, and the others are scaled up by 1 / (1 - rate)."""
block Dropout(rate) {
  input x: float[...]
  output if training and rate > 0
         then x
              * cast(random_uniform(shape = x.shape, dtype = x.dtype) >= rate, x.dtype)
              / (1 - rate)
         else x
}

"""A vector for each of `size` integers: row i of the weight."""
block Embedding(size, features, init = normal(std = 0.02)) {
  input x: int[...]
  param weight: f32[size, features] = init
  output gather(weight, x, axis = 0)
}
