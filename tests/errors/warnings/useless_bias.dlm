"""W0303: biases that a normalisation takes off."""

block Stage(filters) {
  input x: float[N, C, H, W]
  output x -> Conv(filters, 3) -> BatchNorm -> relu
}

"""Only ever used before a normalisation."""
block Before(filters) {
  input x: float[N, C, ...]
  output x -> Conv(filters, 1) as inner
}

"""Used before a normalisation once, and once not."""
block Either(filters) {
  input x: float[N, C, ...]
  output x -> Conv(filters, 1) as inner
}

block Normalised {
  input x: float[N, C, ...]
  output x -> BatchNorm -> relu
}

model Net {
  input image: f32[N, 3, 12, 12]
  x = image -> Stage(4) -> Stage(8)
  x = x -> ConvTranspose(4, 2) -> InstanceNorm(affine = true)
  x = x -> Before(4) -> Normalised
  x = x -> Either(4) -> Normalised
  x = x -> Either(4) -> relu
  x = x -> Conv(4, 1, bias = false) -> BatchNorm
  x = x -> Conv(4, 1) -> LayerNorm              # takes off another mean
  skip = x -> Conv(4, 1) as skip
  x = skip + (skip -> BatchNorm)                # asked for twice
  shared = Conv(4, 1)
  x = shared(x) -> BatchNorm
  x = shared(x) -> relu                         # the same bias, of use here
  h = x -> flatten -> Dense(8) -> BatchNorm
  t = reshape(h, [h.shape[0], 2, 4]) -> Dense(3) -> BatchNorm   # of the second axis
  output y = t -> flatten -> Dense(2)
}
