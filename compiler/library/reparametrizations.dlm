"""Reparametrisations: blocks that a layer applies to its weight, and uses what they give
in its place: `Dense(8, reparametrize = WeightNorm)`."""

"""Weight normalisation (Salimans & Kingma, 2016): the direction of each part of a weight
along an axis is learned apart from its length.

The length is `start`, which the first step of a training notes, plus `gain`, so that a
layer starts as it would without it. Parts along the axis 0 are what outputs are made of;
of `ConvTranspose` these are along the axis 1.

    f32[N, 6] -> Dense(4, reparametrize = WeightNorm)
    f32[N, 4, 7, 5] -> Conv(3, 3, reparametrize = WeightNorm)
    f32[N, 4, T] -> ConvTranspose(3, 2, reparametrize = WeightNorm(axis = 1))
"""
block WeightNorm(axis = 0) {
  input w: float[...]
  parts = w.shape[axis]
  param gain:  float[parts] = zeros()
  state start: float[parts] = zeros()
  length = norm(w, axis = (0..axis) + ((axis + 1)..w.rank))
  begin = select(start > 0, start, stop_gradient(length))
  if training {
    start = begin
  }
  scale = (begin + gain) / length
  output w * reshape(scale, [1] * axis + [parts] + [1] * (w.rank - 1 - axis))
}

"""Spectral normalisation (Miyato et al., 2018): a weight divided by its largest singular
value, all axes but `axis` being one.

The value is found by power iteration: each step of a training brings `v` closer to its
right singular vector. `v` starts in a direction of its own, so that the first steps find
too small a value.

    f32[N, 6] -> Dense(4, reparametrize = SpectralNorm)
    f32[N, 4, 7, 5] -> Conv(3, 3, reparametrize = SpectralNorm(eps = 1e-6))
    f32[N, 4, T] -> ConvTranspose(3, 2, reparametrize = SpectralNorm(axis = 1))
"""
block SpectralNorm(axis = 0, eps = 1e-12) {
  input w: float[...]
  first = if axis == 0 then w else transpose(w, [axis] + (0..axis) + ((axis + 1)..w.rank))
  columns = product(first.shape[1:])
  matrix = reshape(first, [first.shape[0], columns])
  state v: float[1, columns] = orthogonal()
  if training {
    u = stop_gradient(l2_normalize(v @ transpose(matrix), eps = eps))
    v = stop_gradient(l2_normalize(u @ matrix, eps = eps))
    output w / sum(u * (v @ transpose(matrix)))
  } else {
    output w / norm(v @ transpose(matrix), axis = [0, 1])
  }
}
