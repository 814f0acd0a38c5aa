"""Parts of tensors, and tensors made of parts."""

"""The parts of a tensor along an axis: so many equal ones, or of the sizes in a list.

`a, b = split(x, 2)` gives two halves, `split(x, [1, 3], axis = 0)` one row and three.

    split(f32[N, 16], 2)[0]
    split(f64[N, 4, T], [1, 3], axis = 1)[1]
    split(f32[6, 4], 3, axis = -2)[2]
    split(f32[N, 3, H, W] -> Conv(4, 1), 2, axis = 1)[0]
"""
fn split(x, parts, axis = -1) =
  parts_of(x, if is_integer(parts) then equal_sizes(x.shape[axis], parts) else parts, axis % x.rank)

fn equal_sizes(size, parts) =
  [require(size / parts, size % parts == 0, "the axis does not divide into equal parts")] * parts

fn parts_of(x, sizes, axis) = map(
  require(
    0..len(sizes), sum(sizes) == x.shape[axis],
    "the sizes of the parts must add up to that of the axis",
  ),
  fn(i) = slice(
    x, start = [0] * axis + [sum(sizes[:i])], stop = x.shape[:axis] + [sum(sizes[:i + 1])],
  ),
)

"""Tensors of one shape behind one another along a new axis.

    stack([f32[N, 16], f32[N, 16]])
    stack([f64[N, T], f64[N, T], 2 * f64[N, T]], axis = -1)
    stack([i64[N, 3], i64[N, 3]], axis = 1)
"""
fn stack(tensors, axis = 0) = stacked(tensors, axis % (tensors[0].rank + 1))

fn stacked(tensors, axis) =
  concat(map(tensors, fn(x) = reshape(x, x.shape[:axis] + [1] + x.shape[axis:])), axis = axis)

"""Patches of the axes after the first two, one behind the other along the last axis.

[N, C, sizes…] becomes [N, C * product(size), patches]: of each channel the elements of a
patch, the last axis fastest. `size`, `stride`, `padding` (zeros before and after) and
`dilation` are a number, or a list of one for each axis.

    f32[N, 3, 8, 8] -> unfold(2, stride = 2)
    unfold(f32[N, 2, H, W], [3, 2], stride = [2, 1], padding = [1, 0], dilation = [1, 2])
    unfold(f64[N, 2, T], 3, padding = 1)
"""
fn unfold(x, size, stride = 1, padding = 0, dilation = 1) = patches(
  x,
  at_least_1(per_axis(size, x.rank - 2)),
  at_least_1(per_axis(stride, x.rank - 2)),
  per_axis(padding, x.rank - 2),
  at_least_1(per_axis(dilation, x.rank - 2)),
  patch_counts(
    x.shape[2:], per_axis(size, x.rank - 2), per_axis(stride, x.rank - 2),
    per_axis(padding, x.rank - 2), per_axis(dilation, x.rank - 2),
  ),
)

fn at_least_1(items) =
  map(items, fn(n) = require(n, n >= 1, "a size, a stride and a dilation are at least 1"))

fn patches(x, size, stride, padding, dilation, counts) =
  (if sum(padding) == 0 then x else pad(x, low = [0, 0] + padding, high = [0, 0] + padding))
    -> (fn(padded) = reshape(
      concat(
        map(
          0..product(size),
          fn(i) = first_seen(i, size, dilation)
                    -> (fn(first) = slice(
                      padded,
                      start = [0, 0] + first,
                      step = [1, 1] + stride,
                      stop = x.shape[:2] + last_seen(first, counts, stride),
                    )[:, :, new]),
        ),
        axis = 2,
      ),
      [x.shape[0], x.shape[1] * product(size), product(counts)],
    ))

fn patch_counts(sizes, size, stride, padding, dilation) = map(
  0..len(size),
  fn(a) = at_least_one_patch(
    (sizes[a] + 2 * padding[a] - dilation[a] * (size[a] - 1) - 1) // stride[a] + 1,
  ),
)

fn at_least_one_patch(count) =
  require(count, not is_known(count) or count >= 1, "a patch is larger than the axis")

# Where the i-th element of a patch is in the first patch, and behind where in the last.
fn first_seen(i, size, dilation) =
  map(0..len(size), fn(a) = ((i // product(size[a + 1:])) % size[a]) * dilation[a])

fn last_seen(first, counts, stride) =
  map(0..len(first), fn(a) = first[a] + (counts[a] - 1) * stride[a] + 1)
