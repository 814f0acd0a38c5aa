"""Normalisations: blocks that bring numbers to a mean of 0 and a variance of 1, and then
scale and shift them by what is learned."""

"""Batch normalisation (Ioffe & Szegedy, 2015) of each channel, the second axis.

`decay` multiplies the old statistics; the running variance is the unbiased one.
"""
block BatchNorm(decay = 0.9, eps = 1e-5) {
  input x: float[N, C, ...]
  param weight:       float[C] = ones()
  param bias:         float[C] = zeros()
  state running_mean: float[C] = zeros()
  state running_var:  float[C] = ones()
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

"""Layer normalisation (Ba et al., 2016) over the last axis.

Without `affine` nothing is learned; without `bias` a scale alone is.
"""
block LayerNorm(eps = 1e-5, affine = true, bias = true) {
  input x: float[..., D]
  d = x - mean(x, axis = -1, keep = true)
  y = d * rsqrt(mean(d ** 2, axis = -1, keep = true) + eps)
  if affine {
    param weight: float[D] = ones()
    y = y * weight
    if bias {
      param bias: float[D] = zeros()
      y = y + bias
    }
  }
  output y
}

"""Group normalisation (Wu & He, 2018): of each sample, over all axes but the first, in
`groups` groups of neighbouring channels. Without `affine` nothing is learned."""
block GroupNorm(groups, eps = 1e-5, affine = true) {
  input x: float[N, C, ...]
  width = require(C / groups, C % groups == 0, "the channels must divide into the groups")
  grouped = reshape(x, [N, groups, width * product(x.shape[2:])])
  d = grouped - mean(grouped, axis = 2, keep = true)
  y = reshape(d * rsqrt(mean(d ** 2, axis = 2, keep = true) + eps), x.shape)
  if affine {
    param weight: float[C] = ones()
    param bias:   float[C] = zeros()
    channels = [1, C] + [1] * (x.rank - 2)
    y = y * reshape(weight, channels) + reshape(bias, channels)
  }
  output y
}

"""Instance normalisation (Ulyanov et al., 2016): of each channel of each sample, over the
axes after the first two. Frameworks differ in whether a scale and a shift are learned, so
`affine` says it."""
block InstanceNorm(affine, eps = 1e-5) {
  input x: float[N, C, L, ...]
  axes = 2..x.rank
  d = x - mean(x, axis = axes, keep = true)
  y = d * rsqrt(mean(d ** 2, axis = axes, keep = true) + eps)
  if affine {
    param weight: float[C] = ones()
    param bias:   float[C] = zeros()
    channels = [1, C] + [1] * (x.rank - 2)
    y = y * reshape(weight, channels) + reshape(bias, channels)
  }
  output y
}

"""Root mean square normalisation (Zhang & Sennrich, 2019) over the last axis: a scale,
without a mean or a shift. Numbers of 16 bits are squared in 32."""
block RMSNorm(eps = 1e-6) {
  input x: float[..., D]
  param weight: float[D] = ones()
  is_narrow = x.dtype == f16 or x.dtype == bf16
  wide = if is_narrow then cast(x, f32) else x
  y = wide * rsqrt(mean(wide ** 2, axis = -1, keep = true) + eps)
  output (if is_narrow then cast(y, x.dtype) else y) * weight
}
