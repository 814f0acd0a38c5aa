"""Convolutions: layers that see a neighbourhood of each place, and share one
kernel."""

"""Convolution (cross-correlation) over the axes after the first two, 1-D to
3-D.

`size`, `stride` and `dilation` are a number for all axes or a list of one for
each; `padding` is a number, "same", or a list of pairs [before, after].
`reparametrize` is as in `Dense`.

    f32[N, 3, 9, 11] -> Conv(4, 3)
    f32[N, 3, H, W] -> Conv(4, [3, 2], padding = "same", bias = false)
    f32[N, 4, T] -> Conv(6, 3, stride = 2, padding = 1, groups = 2)
    f32[N, 2, 5, 4, 6] -> Conv(3, 2, padding = [[0, 1], [1, 1], [0, 0]], init = he_uniform())
    f32[N, 3, 9, 11] -> Conv(4, 3, dilation = 2, reparametrize = WeightNorm)
"""
block Conv(
  filters, size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true,
  init = glorot_uniform(), reparametrize = false,
) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[filters, C / groups, kernel] =
    with_fans(init, C / groups * product(kernel), filters / groups * product(kernel))
  w = if reparametrize == false then weight else weight -> reparametrize
  y = conv(x, w, stride = stride, padding = padding, dilation = dilation, groups = groups)
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
of pairs [before, after]. `reparametrize` is as in `Dense`.

    f32[N, 3, 4, 5] -> ConvTranspose(4, 2, stride = 2)
    f32[N, 4, H, W] -> ConvTranspose(6, [3, 4], stride = 2, padding = "same", groups = 2)
    f32[N, 4, T] -> ConvTranspose(3, 3, stride = 2, padding = 1, output_padding = 1, bias = false)
    f32[N, 2, 3, 4, 2] -> ConvTranspose(3, 2, padding = [[0, 1], [1, 1], [0, 0]])
    f32[N, 3, 4, 5] -> ConvTranspose(4, 3, dilation = 2, init = he_normal())
    f32[N, 3, 4, 5] -> ConvTranspose(4, 2, reparametrize = SpectralNorm(axis = 1))
"""
block ConvTranspose(
  filters, size, stride = 1, padding = 0, output_padding = 0, dilation = 1, groups = 1, bias = true,
  init = glorot_uniform(), reparametrize = false,
) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[C, filters / groups, kernel] =
    with_fans(init, C / groups * product(kernel), filters / groups * product(kernel))
  w = if reparametrize == false then weight else weight -> reparametrize
  y = conv_transpose(
    x, w, stride = stride, padding = padding, output_padding = output_padding, dilation = dilation,
    groups = groups,
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

    f32[N, 3, 9, 11] -> DepthwiseConv(3)
    f32[N, 3, H, W] -> DepthwiseConv([3, 2], 2, stride = 2, padding = "same", bias = false)
    f32[N, 4, T] -> DepthwiseConv(3, multiplier = 2, padding = 1, dilation = 2)
    f32[N, 2, 5, 4, 6] -> DepthwiseConv(2, init = he_uniform(), reparametrize = SpectralNorm)
"""
block DepthwiseConv(
  size, multiplier = 1, stride = 1, padding = 0, dilation = 1, bias = true, init = glorot_uniform(),
  reparametrize = false,
) {
  input x: float[N, C, ...]
  axes = x.rank - 2
  kernel = per_axis(size, axes)
  param weight: float[C * multiplier, 1, kernel] =
    with_fans(init, product(kernel), multiplier * product(kernel))
  w = if reparametrize == false then weight else weight -> reparametrize
  y = conv(x, w, stride = stride, padding = padding, dilation = dilation, groups = C)
  if bias {
    param bias: float[C * multiplier] = zeros()
    y = y + reshape(bias, [1, C * multiplier] + [1] * axes)
  }
  output y
}

"""Separable convolution (Chollet, 2017): each channel by itself, then a mix of
channels at each place.

    f32[N, 3, 9, 11] -> SeparableConv(4, 3)
    f32[N, 3, H, W] -> SeparableConv(4, 3, multiplier = 2, stride = 2, padding = 1, bias = false)
    f32[N, 4, T] -> SeparableConv(5, 3, dilation = 2, init = he_uniform())
"""
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
