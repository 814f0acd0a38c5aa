"""Normalisations: blocks that bring numbers to a mean of 0 and a variance of 1, and then
scale and shift them by what is learned."""

"""Batch normalisation (Ioffe & Szegedy, 2015) of each channel, the second axis.

`decay` multiplies the old statistics; the running variance is the unbiased one. With
`freeze_stats` a training normalises by the running statistics, as inference does, and
leaves them as they are.

    f32[N, 3, H, W] -> BatchNorm
    f32[N, 4] -> BatchNorm(decay = 0.99)
    f32[N, 3, T] -> BatchNorm(eps = 1e-3)
    f32[N, 2, 4, 5, 6] -> BatchNorm(freeze_stats = true)
"""
block BatchNorm(decay = 0.9, eps = 1e-5, freeze_stats = false) {
  input x: float[N, C, ...]
  param weight:       float[C] = ones()
  param bias:         float[C] = zeros()
  state running_mean: float[C] = zeros()
  state running_var:  float[C] = ones()
  channels = [1, C] + [1] * (x.rank - 2)
  if not freeze_stats and training {
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

"""Layer normalisation (Ba et al., 2016) over the last axis, or so many of the last.

Without `affine` nothing is learned; without `bias` a scale alone is.

    f32[N, T, 6] -> LayerNorm
    f32[N, 3, 4, 5] -> LayerNorm(axes = 3)
    f32[N, 4, 5] -> LayerNorm(1e-3, bias = false, axes = 2)
    f32[N, T] -> LayerNorm(affine = false)
"""
block LayerNorm(eps = 1e-5, affine = true, bias = true, axes = 1) {
  input x: float[..., D]
  rank = require(
    axes, axes >= 1 and axes <= x.rank, "must be at least 1, and no more than x has axes",
  )
  last = (x.rank - rank)..x.rank
  sizes = x.shape[x.rank - rank:]
  d = x - mean(x, axis = last, keep = true)
  y = d * rsqrt(mean(d ** 2, axis = last, keep = true) + eps)
  if affine {
    param weight: float[sizes] = ones()
    y = y * weight
    if bias {
      param bias: float[sizes] = zeros()
      y = y + bias
    }
  }
  output y
}

"""Group normalisation (Wu & He, 2018): of each sample, over all axes but the first, in
`groups` groups of neighbouring channels. Without `affine` nothing is learned.

    f32[N, 6, H, W] -> GroupNorm(3)
    f32[N, 6] -> GroupNorm(2, eps = 1e-3)
    f32[N, 6, T] -> GroupNorm(6, affine = false)
    f32[N, 4, 3, 2, 5] -> GroupNorm(1)
"""
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
`affine` says it.

    f32[N, 3, H, W] -> InstanceNorm(true)
    f32[N, 3, T] -> InstanceNorm(affine = false, eps = 1e-3)
    f32[N, 2, 4, 3, 5] -> InstanceNorm(affine = true)
"""
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
without a mean or a shift. Numbers of 16 bits are squared in 32.

    f32[N, T, 6] -> RMSNorm
    f32[N, 5] -> RMSNorm(eps = 1e-3)
"""
block RMSNorm(eps = 1e-6) {
  input x: float[..., D]
  param weight: float[D] = ones()
  is_narrow = x.dtype == f16 or x.dtype == bf16
  wide = if is_narrow then cast(x, f32) else x
  y = wide * rsqrt(mean(wide ** 2, axis = -1, keep = true) + eps)
  output (if is_narrow then cast(y, x.dtype) else y) * weight
}

"""Local response normalisation (Krizhevsky et al., 2012): each number divided by
(k + alpha * m) ** beta, where m is the mean of the squares at its place in the `size`
channels around its own. Channels that are not there count as 0; of an even number of
channels one more lies before than after.

    f32[N, 6, H, W] -> local_response_norm(5)
    local_response_norm(f32[N, 4, T], 2, alpha = 0.5, beta = 0.5, k = 2)
    local_response_norm(f32[N, 4, 3, 2, 5], 3)
"""
fn local_response_norm(x, size, alpha = 1e-4, beta = 0.75, k = 1.0) =
  x / (k + alpha * reshape(mean_of_channels(x ** 2, size), x.shape)) ** beta

fn mean_of_channels(x, size) = window_mean(
  reshape(x, [x.shape[0], 1, x.shape[1], product(x.shape[2:])]),
  size = [size, 1],
  stride = 1,
  padding = [[size // 2, (size - 1) // 2], [0, 0]],
  count_padding = true,
)
