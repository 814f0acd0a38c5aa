"""Images and sequences: pooling, resizing and padding of the axes after the
first two, of which there are one to three."""

fn spatial_axes(rank) =
  require(rank - 2, rank >= 3 and rank <= 5, "x must be [N, C, ...] with one to three axes after C")

fn positive(sizes) =
  map(sizes, fn(n) = if is_known(n) then require(n, n > 0, "a size must be at least 1") else n)

"""Largest value in each window; padding never wins."""
fn max_pool(x, size, stride = size, padding = 0) =
  window_max(x, size = size, stride = stride, padding = padding)

"""Mean of each window; padding counts if asked to."""
fn avg_pool(x, size, stride = size, padding = 0, count_padding = false) =
  window_mean(x, size = size, stride = stride, padding = padding, count_padding = count_padding)

"""Mean of each channel (Lin et al., 2014)."""
fn global_avg_pool(x, keep = false) = mean(x, axis = 2..x.rank, keep = keep)

"""Largest value of each channel."""
fn global_max_pool(x, keep = false) = max(x, axis = 2..x.rank, keep = keep)

"""Means of so many bins as equal as can be, which may overlap by one element:
the one called i is from i * n // size up to the next whole number from (i + 1)
* n / size."""
fn adaptive_avg_pool(x, size) = along_axes(
  x,
  fn(x, axis) = averaged_along(x, axis, positive(per_axis(size, spatial_axes(x.rank)))[axis - 2]),
)

fn averaged_along(x, axis, size) = reshape(
  bins(x, axis, reshape(iota(size), [size, 1]), size)
  @ reshape(x, x.shape[:axis + 1] + [product(x.shape[axis + 1:])]),
  x.shape[:axis] + [size] + x.shape[axis + 1:],
)

fn bins(x, axis, i, size) =
  shares(x, iota(x.shape[axis]), i * x.shape[axis] // size, -(-(i + 1) * x.shape[axis] // size))

fn shares(x, j, start, stop) = cast(j >= start and j < stop, x.dtype) / cast(stop - start, x.dtype)

"""The axes after the first two in another size: `scale` times as large, rounded
down, or `size`; each is a number or a list of one for each axis.

Elements lie in the middle of what they cover ("half-pixel centres"), and what
becomes smaller is not smoothed. `method` is "nearest" (of two, the later),
"bilinear" (linear over one axis, trilinear over three) or "bicubic" (Keys,
1981, of parameter `a`; -0.5 is Keys's own, -0.75 that of OpenCV and PyTorch).
"""
fn resize(
  x,
  scale = 1,
  size = scaled(x.shape[2:], per_axis(scale, spatial_axes(x.rank))),
  method = "nearest",
  a = -0.75,
) = resized(x, positive(per_axis(size, spatial_axes(x.rank))), method, a)

fn scaled(sizes, scales) = map(
  0..len(sizes),
  fn(i) = if is_integer(scales[i]) then sizes[i] * scales[i] else floor(sizes[i] * scales[i]),
)

fn resized(x, sizes, method, a) =
  if method == "nearest" then along_axes(x, fn(x, axis) = nearest_along(x, axis, sizes[axis - 2]))
  else if method == "bilinear"
  then along_axes(
    x, fn(x, axis) = linear_along(x, axis, place_of(x, axis, sizes[axis - 2]), 2 * sizes[axis - 2]),
  )
  else if method == "bicubic"
  then along_axes(
    x,
    fn(x, axis) = cubic_along(x, axis, place_of(x, axis, sizes[axis - 2]), 2 * sizes[axis - 2], a),
  )
  else require(x, false, "resize knows the methods \"nearest\", \"bilinear\" and \"bicubic\"")

fn along_axes(x, f) =
  if x.rank == 3 then f(x, 2) else if x.rank == 4 then f(f(x, 2), 3) else f(f(f(x, 2), 3), 4)

fn nearest_along(x, axis, size) =
  gather(x, (2 * iota(size) + 1) * x.shape[axis] // (2 * size), axis = axis)

# Where each new element lies, counted from the middle of the first, in so many parts of an
# element: 2 * size. All are whole numbers.
fn place_of(x, axis, size) = (2 * iota(size) + 1) * x.shape[axis] - size

fn linear_along(x, axis, place, parts) =
  blend(x, axis, maximum(place, 0) // parts, weight_of(x, axis, maximum(place, 0) % parts, parts))

fn blend(x, axis, i, w) = (1 - w) * at(x, axis, i) + w * at(x, axis, i + 1)

fn cubic_along(x, axis, place, parts, a) =
  cubic_blend(x, axis, place // parts, weight_of(x, axis, place % parts, parts), a)

fn cubic_blend(x, axis, i, w, a) =
  cubic_far(w + 1, a) * at(x, axis, i - 1)
  + cubic_near(w, a) * at(x, axis, i)
  + cubic_near(1 - w, a) * at(x, axis, i + 1)
  + cubic_far(2 - w, a) * at(x, axis, i + 2)

fn cubic_near(d, a) = ((a + 2) * d - (a + 3)) * d * d + 1

fn cubic_far(d, a) = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

# Elements of an axis; beyond its ends the first and the last.
fn at(x, axis, i) = gather(x, minimum(maximum(i, 0), x.shape[axis] - 1), axis = axis)

fn weight_of(x, axis, rest, parts) =
  reshape(cast(rest, x.dtype) / parts, rest.shape + [1] * (x.rank - 1 - axis))

"""The axes after the first two with a mirror image before and after, without
the outermost element; `padding` is a number, or a list of numbers or pairs
[before, after]."""
fn reflect_pad(x, padding) = along_axes(
  x,
  fn(x, axis) = reflected_along(
    x, axis, pair_of(per_axis(padding, spatial_axes(x.rank))[axis - 2]),
  ),
)

fn reflected_along(x, axis, pair) =
  mirrored(x, axis, iota(x.shape[axis] + pair[0] + pair[1]) - within(pair, x.shape[axis])[0])

fn within(pair, size) =
  if is_known(size)
  then require(pair, max(pair) < size, "the padding must be less than the size that it mirrors")
  else pair

fn mirrored(x, axis, i) =
  gather(x, x.shape[axis] - 1 - abs(x.shape[axis] - 1 - abs(i)), axis = axis)

"""The axes after the first two with the outermost elements again before and
after; `padding` is a number, or a list of numbers or pairs [before, after]."""
fn replicate_pad(x, padding) = along_axes(
  x,
  fn(x, axis) = replicated_along(
    x, axis, pair_of(per_axis(padding, spatial_axes(x.rank))[axis - 2]),
  ),
)

fn replicated_along(x, axis, pair) = at(x, axis, iota(x.shape[axis] + pair[0] + pair[1]) - pair[0])

fn pair_of(padding) = if is_integer(padding) then [padding, padding] else padding

"""Channels as pixels (Shi et al., 2016): [N, C * factor ** 2, H, W] as [N, C, H
* factor, W * factor]. Channel c * factor ** 2 + i * factor + j goes to row i,
column j of channel c."""
fn pixel_shuffle(x, factor) = reshape(
  transpose(
    reshape(
      x, [x.shape[0], shared(x.shape[1], factor ** 2), factor, factor, x.shape[2], x.shape[3]],
    ),
    [0, 1, 4, 2, 5, 3],
  ),
  [x.shape[0], x.shape[1] / factor ** 2, x.shape[2] * factor, x.shape[3] * factor],
)

fn shared(size, parts) =
  require(size / parts, size % parts == 0, "the size must divide into equal parts")

"""Pixels as channels, the inverse of `pixel_shuffle`."""
fn pixel_unshuffle(x, factor) = reshape(
  transpose(
    reshape(
      x,
      [
        x.shape[0], x.shape[1], shared(x.shape[2], factor), factor, shared(x.shape[3], factor),
        factor,
      ],
    ),
    [0, 1, 3, 5, 2, 4],
  ),
  [x.shape[0], x.shape[1] * factor ** 2, x.shape[2] / factor, x.shape[3] / factor],
)
