"""Convolutions: layers that see a neighbourhood of each place, and share one
kernel."""

"""Convolution (cross-correlation) over the axes after the first two, 1-D to
3-D.

`size`, `stride` and `dilation` are a number for all axes or a list of one for
each; `padding` is a number, "same", or a list of pairs [before, after].
"""
block Conv(
  filters, size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true,
  init = glorot_uniform(),
) {
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

"""Transposed convolution (Zeiler et al., 2010), 1-D to 3-D: each number of x
adds a kernel, times itself, to the result.

The kernels lie `stride` apart, so that the result has (size - 1) * stride +
dilation * (kernel - 1) + 1 elements on an axis; `output_padding` lengthens its
end, then `padding` is cut off: a number, "same" (for size * stride), or a list
of pairs [before, after].
"""
block ConvTranspose(
  filters, size, stride = 1, padding = 0, output_padding = 0, dilation = 1, groups = 1, bias = true,
  init = glorot_uniform(),
) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[C, filters / groups, kernel] =
    with_fans(init, C / groups * product(kernel), filters / groups * product(kernel))
  y = conv_transpose(
    x, weight, stride = stride, padding = padding, output_padding = output_padding,
    dilation = dilation, groups = groups,
  )
  if bias {
    param bias: float[filters] = zeros()
    y = y + reshape(bias, [1, filters] + [1] * axes)
  }
  output y
}

"""Depthwise convolution (Sifre, 2014): each channel by itself, with
`multiplier` kernels.

The results of channel c are the channels c * multiplier + j. The rest is as in
`Conv`.
"""
block DepthwiseConv(
  size, multiplier = 1, stride = 1, padding = 0, dilation = 1, bias = true, init = glorot_uniform(),
) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[C * multiplier, 1, kernel] =
    with_fans(init, product(kernel), multiplier * product(kernel))
  y = conv(x, weight, stride = stride, padding = padding, dilation = dilation, groups = C)
  if bias {
    param bias: float[C * multiplier] = zeros()
    y = y + reshape(bias, [1, C * multiplier] + [1] * axes)
  }
  output y
}

"""Separable convolution (Chollet, 2017): each channel by itself, then a mix of
channels at each place."""
block SeparableConv(
  filters, size, multiplier = 1, stride = 1, padding = 0, dilation = 1, bias = true,
  init = glorot_uniform(),
) {
  input x: float[N, C, ...]
  output x -> DepthwiseConv(
             size, multiplier, stride = stride, padding = padding, dilation = dilation,
             bias = false, init = init,
           ) as depthwise
           -> Conv(filters, 1, bias = bias, init = init) as pointwise
}
