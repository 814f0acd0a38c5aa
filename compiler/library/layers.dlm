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

"""Convolution (cross-correlation) over the axes after the first two, 1-D to 3-D.

`size`, `stride` and `dilation` are a number for all axes or a list of one for each;
`padding` is a number, "same", or a list of pairs [before, after].
"""
block Conv(filters, size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, init = glorot_uniform()) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[filters, C / groups, kernel] =
    with_fans(init, C / groups * product(kernel), filters / groups * product(kernel))
  y = conv(x, weight, stride = stride, padding = padding, dilation = dilation, groups = groups)
  if bias {
    param bias: float[filters] = zeros()
    y = y + reshape(bias, [1, filters] + [1] * axes)
  }
  output y
}

"""Batch normalisation (Ioffe & Szegedy, 2015) of each channel, the second axis.

`decay` multiplies the old statistics; the running variance is the unbiased one.
"""
block BatchNorm(decay = 0.9, eps = 1e-5) {
  input x: float[N, C, ...]
  param weight: float[C] = ones()
  param bias: float[C] = zeros()
  state running_mean: float[C] = zeros()
  state running_var: float[C] = ones()
  channels = [1, C] + [1] * (x.rank - 2)
  if training {
    axes = [0] + (2..x.rank)
    center = mean(x, axis = axes)
    d = x - reshape(center, channels)
    variance = mean(d ** 2, axis = axes)
    n = cast(N * product(x.shape[2:]), x.dtype)
    running_mean = decay * running_mean + (1 - decay) * center
    running_var = decay * running_var + (1 - decay) * (variance * (n / maximum(n - 1, 1)))
    y = d * reshape(rsqrt(variance + eps) * weight, channels) + reshape(bias, channels)
  } else {
    scale = rsqrt(running_var + eps) * weight
    y = (x - reshape(running_mean, channels)) * reshape(scale, channels) + reshape(bias, channels)
  }
  output y
}

"""Layer normalisation (Ba et al., 2016) over the last axis."""
block LayerNorm(eps = 1e-5) {
  input x: float[..., D]
  param weight: float[D] = ones()
  param bias: float[D] = zeros()
  d = x - mean(x, axis = -1, keep = true)
  output d * rsqrt(mean(d ** 2, axis = -1, keep = true) + eps) * weight + bias
}

"""Dropout (Srivastava et al., 2014): in training each number becomes 0 with probability
`rate`, and the others are scaled up by 1 / (1 - rate)."""
block Dropout(rate) {
  input x: float[...]
  output if training and rate > 0
    then x * cast(random_uniform(shape = x.shape, dtype = x.dtype) >= rate, x.dtype) / (1 - rate)
    else x
}

"""A vector for each of `size` integers: row i of the weight."""
block Embedding(size, features, init = normal(std = 0.02)) {
  input x: int[...]
  param weight: f32[size, features] = init
  output gather(weight, x, axis = 0)
}
