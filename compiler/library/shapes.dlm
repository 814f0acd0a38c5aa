"""Shapes: functions that move and repeat numbers without changing them."""

"""All axes but the first become one.

    f32[N, 3, 8, 8] -> flatten
    flatten(f32[N, 3, 4, 6] -> Conv(4, 1))
    flatten(f64[3, 4])
"""
fn flatten(x) = reshape(x, [x.shape[0], product(x.shape[1:])])

"""The whole of x again and again: so often along each axis as a list says.

    f32[N, 3] -> tile([1, 2])
    tile(f64[N, 2, T], [2, 3, 1])
"""
fn tile(x, repeats) = reshape(
  broadcast(
    reshape(x, fold(x.shape, [], fn(sizes, size) = sizes + [1, size])),
    fold(
      0..require(
        x.rank, len(repeats) == x.rank, "there must be a number for each axis of the tensor",
      ),
      [],
      fn(sizes, i) = sizes + [repeats[i], x.shape[i]],
    ),
  ),
  map(0..x.rank, fn(i) = repeats[i] * x.shape[i]),
)

"""Each element along an axis so many times in a row.

    repeat_interleave(f32[N, 3], 2)
    repeat_interleave(f64[N, 2, T], 3, axis = 1)
"""
fn repeat_interleave(x, repeats, axis = -1) = interleaved(x, repeats, axis_within(axis, x.rank) + 1)

fn interleaved(x, repeats, behind) = reshape(
  broadcast(
    reshape(x, x.shape[:behind] + [1] + x.shape[behind:]),
    x.shape[:behind] + [repeats] + x.shape[behind:],
  ),
  x.shape[:behind - 1] + [x.shape[behind - 1] * repeats] + x.shape[behind:],
)

"""x turned round along an axis or a list of axes.

    f32[N, 6] -> flip
    flip(f32[N, 3, H, W], axis = [2, -1])
    flip(i64[T, 3], axis = 0)
"""
fn flip(x, axis = -1) = slice(
  x,
  start = [0] * x.rank,
  stop = x.shape,
  step = fold(
    if is_integer(axis) then [axis] else axis,
    [1] * x.rank,
    fn(steps, a) = reversed_at(steps, axis_within(a, len(steps))),
  ),
)

fn reversed_at(steps, i) =
  steps[:i] + [require(-1, steps[i] == 1, "an axis cannot be flipped twice")] + steps[i + 1:]

"""x moved along an axis by so many places; what leaves it at one end comes in at the
other. A negative shift moves to the front. Along an axis whose size only a running
program knows it is the size at most.

    f32[N, 6] -> roll(1)
    roll(f32[N, 4, T], -3, axis = 1)
    roll(f64[T, 3], 1, axis = 0)
    roll(i64[N, 5], 12)
"""
fn roll(x, shift, axis = -1) =
  axis_within(axis, x.rank)
    -> (fn(along) = [along, cut_of(x.shape[along], shift)])
    -> (fn(cut) = concat(
      slice(x, start = [0] * cut[0] + [cut[1]], stop = x.shape),
      slice(x, start = [0], stop = x.shape[:cut[0]] + [cut[1]]),
      axis = cut[0],
    ))

fn cut_of(size, shift) =
  if is_known(size) then -shift % max([size, 1]) else if shift > 0 then size - shift else -shift
