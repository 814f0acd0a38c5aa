"""Images and sequences: pooling, resizing and padding of the axes after the
first two, of which there are one to three."""

fn spatial_axes(rank) =
  require(rank - 2, rank >= 3 and rank <= 5, "x must be [N, C, ...] with one to three axes after C")

fn positive(sizes) =
  map(sizes, fn(n) = if is_known(n) then require(n, n > 0, "a size must be at least 1") else n)

"""Largest value in each window; padding never wins.

    f32[N, 3, 8, 10] -> max_pool(2)
    max_pool(f32[N, 3, H, W], [3, 2], stride = 2, padding = "same")
    max_pool(f32[N, 3, T], 3, padding = 1)
    max_pool(f32[N, 2, 4, 5, 6], 2, stride = 1, padding = [[0, 1], [1, 0], [0, 0]])
    max_pool(f64[N, 2, 4, 5, 6], 2)
"""
fn max_pool(x, size, stride = size, padding = 0) =
  window_max(x, size = size, stride = stride, padding = padding)

"""Mean of each window; padding counts if asked to.

    f32[N, 3, 8, 10] -> avg_pool(2)
    avg_pool(f32[N, 3, H, W], [3, 2], stride = 2, padding = "same")
    avg_pool(f32[N, 3, T], 3, padding = 1, count_padding = true)
    avg_pool(f32[N, 2, 4, 5, 6], 2, stride = 1, padding = [[0, 1], [1, 0], [0, 0]])
    avg_pool(f64[N, 2, 4, 5, 6], 2)
"""
fn avg_pool(x, size, stride = size, padding = 0, count_padding = false) =
  window_mean(x, size = size, stride = stride, padding = padding, count_padding = count_padding)

"""Root of the sum of powers `p` of the absolute numbers in each window (Gulcehre et al.,
2014), with a derivative of 0 where that is 0.

    f32[N, 3, 8, 10] -> lp_pool(2, 2)
    lp_pool(f32[N, 3, H, W], 3, [3, 2], stride = 2)
    lp_pool(f32[N, 3, T], 1.5, 3, padding = 1)
    lp_pool(f32[N, 2, 4, 5, 6], 2, 2, stride = 1, padding = [[0, 1], [1, 0], [0, 0]])
"""
fn lp_pool(x, p, size, stride = size, padding = 0) = root_of(
  window_mean(abs(x) ** p, size = size, stride = stride, padding = padding, count_padding = true)
  * product(per_axis(size, spatial_axes(x.rank))),
  p,
)

fn root_of(x, p) = select(x > 0, select(x > 0, x, 1) ** (1 / p), 0)

"""Mean of each channel (Lin et al., 2014).

    f32[N, 3, 8, 10] -> global_avg_pool
    global_avg_pool(f32[N, 3, H, W], keep = true)
    global_avg_pool(f32[N, 3, T])
    global_avg_pool(f32[N, 2, 4, 5, 6])
"""
fn global_avg_pool(x, keep = false) = mean(x, axis = 2..x.rank, keep = keep)

"""Largest value of each channel.

    f32[N, 3, 8, 10] -> global_max_pool
    global_max_pool(f32[N, 3, H, W], keep = true)
    global_max_pool(f32[N, 3, T])
    global_max_pool(f32[N, 2, 4, 5, 6])
"""
fn global_max_pool(x, keep = false) = max(x, axis = 2..x.rank, keep = keep)

"""Means of so many bins as equal as can be, which may overlap by one element:
the one called i is from i * n // size up to the next whole number from (i + 1)
* n / size.

    f32[N, 3, 8, 10] -> adaptive_avg_pool([4, 5])
    adaptive_avg_pool(f32[N, 3, 7, 9], 4)
    adaptive_avg_pool(f32[N, 3, T], 2)
    adaptive_avg_pool(f32[N, 2, 4, 5, 6], [2, 5, 4])
"""
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

"""Largest values of so many bins, which are those of `adaptive_avg_pool`.

    f32[N, 3, 8, 10] -> adaptive_max_pool([4, 5])
    adaptive_max_pool(f32[N, 3, 7, 9], 4)
    adaptive_max_pool(f32[N, 3, T], 2)
    adaptive_max_pool(f32[N, 2, 4, 5, 6], [2, 5, 4])
"""
fn adaptive_max_pool(x, size) = along_axes(
  x, fn(x, axis) = largest_along(x, axis, positive(per_axis(size, spatial_axes(x.rank)))[axis - 2]),
)

# As many elements for each bin as the widest has: in a narrower one the last counts again.
fn largest_along(x, axis, size) = max(
  gather(
    x,
    within_bin(
      x.shape[axis], reshape(iota(size), [size, 1]), iota(-(-x.shape[axis] // size) + 1), size,
    ),
    axis = axis,
  ),
  axis = axis + 1,
)

fn within_bin(n, i, j, size) = minimum(i * n // size + j, -(-(i + 1) * n // size) - 1)

"""The axes after the first two in another size: `scale` times as large, rounded
down, or `size`; each is a number or a list of one for each axis.

Elements lie in the middle of what they cover ("half-pixel centres"), and what
becomes smaller is not smoothed. `method` is "nearest" (of two, the later),
"bilinear" (linear over one axis, trilinear over three) or "bicubic" (Keys,
1981, of parameter `a`; -0.5 is Keys's own, -0.75 that of OpenCV and PyTorch).

    f32[N, 3, H, W] -> resize(2)
    resize(f32[N, 3, 8, 10], [0.5, 1.5])
    resize(f32[N, 3, 7, 9], size = [5, 12], method = "bilinear")
    resize(f32[N, 3, T], 2, method = "bilinear")
    resize(f32[N, 2, 4, 5, 6], size = 3, method = "bilinear")
    resize(f32[N, 3, 7, 9], size = 12, method = "bicubic")
    resize(f32[N, 3, 7, 9], 2, method = "bicubic", a = -0.5)
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
[before, after].

    f32[N, 3, 7, 9] -> reflect_pad(2)
    reflect_pad(f32[N, 3, T], 1)
    reflect_pad(f32[N, 2, 4, 5, 6], [[0, 1], [2, 2], [3, 0]])
"""
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
after; `padding` is a number, or a list of numbers or pairs [before, after].

    f32[N, 3, 7, 9] -> replicate_pad(2)
    replicate_pad(f32[N, 3, T], 1)
    replicate_pad(f32[N, 2, 4, 5, 6], [[0, 1], [2, 2], [3, 0]])
"""
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
column j of channel c.

    f32[N, 12, 4, 5] -> pixel_shuffle(2)
    pixel_shuffle(f32[N, 9, H, W], 3)
"""
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

"""Pixels as channels, the inverse of `pixel_shuffle`.

    f32[N, 3, 4, 6] -> pixel_unshuffle(2)
    pixel_unshuffle(f32[N, 2, 9, 6], 3)
"""
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
