"""Dropout: noise in training that keeps a network from leaning on single numbers."""

"""Dropout (Srivastava et al., 2014): in training each number becomes 0 with probability
`rate`, and the others are divided by 1 - rate.

    f32[N, 6] -> Dropout(0.25)
    f32[N, 3, H, W] -> Dropout(0)
"""
block Dropout(rate) {
  input x: float[...]
  p = in_range(rate, 0, 1)
  output if training
         then x * cast(random_uniform(shape = x.shape, dtype = x.dtype) >= p, x.dtype) / (1 - p)
         else x
}

"""Dropout of whole channels (Tompson et al., 2015): in training each channel of each
sample becomes 0 with probability `rate`, and the others are divided by 1 - rate.

    f32[N, 4, H, W] -> ChannelDropout(0.25)
    f32[N, 4, T] -> ChannelDropout(0.5)
    f32[N, 4, 2, 3, 5] -> ChannelDropout(0)
"""
block ChannelDropout(rate) {
  input x: float[N, C, L, ...]
  p = in_range(rate, 0, 1)
  sizes = [N, C] + [1] * (x.rank - 2)
  output if training
         then x * cast(random_uniform(shape = sizes, dtype = x.dtype) >= p, x.dtype) / (1 - p)
         else x
}

"""Stochastic depth (Huang et al., 2016), for what a residual block adds: in training each
sample becomes 0 with probability `rate`, and the others are divided by 1 - rate. `mode`
is "row", or "batch" for all samples or none.

    f32[N, 6] -> DropPath(0.25)
    f32[N, 4, H, W] -> DropPath(0.5, mode = "batch")
"""
block DropPath(rate, mode = "row") {
  input x: float[N, ...]
  p = in_range(rate, 0, 1)
  rows = if mode == "row" then N
         else if mode == "batch" then 1
         else require(1, false, "the modes are \"row\" and \"batch\"")
  sizes = [rows] + [1] * (x.rank - 1)
  output if training
         then x * cast(random_uniform(shape = sizes, dtype = x.dtype) >= p, x.dtype) / (1 - p)
         else x
}

const SELU_DEPTH = 1.7580993408473766  # how far below 0 `selu` goes

"""Alpha dropout (Klambauer et al., 2017), which goes with `selu`: in training each number
becomes the lowest that `selu` gives with probability `rate`, and then all are scaled and
shifted, so that a mean of 0 and a variance of 1 stay so.

    f32[N, 6] -> selu -> AlphaDropout(0.1)
    f64[N, 2, 3] -> AlphaDropout(0)
"""
block AlphaDropout(rate) {
  input x: float[...]
  p = in_range(rate, 0, 1)
  scale = ((1 - p) * (1 + p * SELU_DEPTH ** 2)) ** -0.5
  if training {
    kept = cast(random_uniform(shape = x.shape, dtype = x.dtype) >= p, x.dtype)
    y = scale * (x * kept - SELU_DEPTH * (1 - kept)) + scale * p * SELU_DEPTH
  } else {
    y = x
  }
  output y
}

"""Gaussian dropout (Srivastava et al., 2014): in training each number is multiplied by one
drawn from a normal distribution of mean 1 and variance rate / (1 - rate).

    f32[N, 6] -> GaussianDropout(0.25)
    f64[N, 3, H, W] -> GaussianDropout(0)
"""
block GaussianDropout(rate) {
  input x: float[...]
  deviation = (in_range(rate, 0, 1) / (1 - rate)) ** 0.5
  output if training then x * (1 + deviation * random_normal(shape = x.shape, dtype = x.dtype))
         else x
}
