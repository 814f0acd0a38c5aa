"""Arithmetic: short functions of numbers, and of the numbers along axes."""

"""x between `low` and `high`, else the nearer of these; the derivative is 1 at both.

    f32[N, 16] -> clip(-1, 1)
    clip(f64[N, 3, H, W], low = -0.5, high = 0.25)
    clip(i64[N, 9], -1, 2)
    clip(f32[N, 6], -sigmoid(f32[6]), sigmoid(f32[6]))
"""
fn clip(x, low, high) = select(x < low, low, select(x > high, high, x))

"""log(sum(exp(x))) along an axis or a list of axes, in a form that never overflows.

    f32[N, 10] -> logsumexp
    logsumexp(100 * f64[N, T, 4], axis = [1, 2], keep = true)
    logsumexp(f32[N, 3, H, W], axis = 1)
"""
fn logsumexp(x, axis = -1, keep = false) =
  log_sum(x, finite_or_zero(stop_gradient(max(x, axis = axis, keep = true))), axis, keep)

fn log_sum(x, top, axis, keep) =
  log(sum(exp(x - top), axis = axis, keep = keep)) + (if keep then top else max(top, axis = axis))

fn finite_or_zero(x) = select(abs(x) == inf, 0, x)

"""Variance along an axis or a list of axes, all where none is said. Squares are divided
by their count less `correction`: 1 gives the unbiased variance.

    f32[N, 16] -> var
    var(f32[N, 4, T], axis = 1)
    var(f64[N, 4, 6], axis = [0, 2], keep = true, correction = 1)
    var(f32[N, 4], axis = [])
"""
fn var(x, axis = 0..x.rank, keep = false, correction = 0) =
  mean_square(x - mean(x, axis = axis, keep = true), axis, keep, correction)

fn mean_square(d, axis, keep, correction) =
  if correction == 0 then mean(d ** 2, axis = axis, keep = keep)
  else sum(d ** 2, axis = axis, keep = keep) / (number_along(d.shape, axis) - correction)

fn number_along(sizes, axis) =
  product(map(if is_integer(axis) then [axis] else axis, fn(i) = sizes[i]))

"""Standard deviation: the square root of `var`, with a derivative of 0 at 0.

    f32[N, 16] -> std
    std(f32[N, 4, T], axis = 1, keep = true)
    std(f64[N, 4, 6], axis = [0, 2], correction = 1)
    std(0 * f32[N, 4], axis = -1)
"""
fn std(x, axis = 0..x.rank, keep = false, correction = 0) =
  root_or_zero(var(x, axis, keep, correction))

"""Euclidean norm along an axis or a list of axes, with a derivative of 0 at 0.

    f32[N, 16] -> norm
    norm(f64[N, 4, T], axis = [1, 2], keep = true)
    norm(0 * f32[N, 4], axis = 1)
"""
fn norm(x, axis = -1, keep = false) = root_or_zero(sum(x ** 2, axis = axis, keep = keep))

fn root_or_zero(x) = select(x > 0, sqrt(select(x > 0, x, 1)), 0)

"""x divided by its norm along an axis, or by `eps` where that is larger.

    f32[N, 16] -> l2_normalize
    l2_normalize(f64[N, 4, T], axis = 1, eps = 2.0)
    l2_normalize(0 * f32[N, 4])
"""
fn l2_normalize(x, axis = -1, eps = 1e-12) =
  x * rsqrt(maximum(sum(x ** 2, axis = axis, keep = true), eps ** 2))

"""Cosine of the angle between vectors along an axis, whose norms count as `eps` at least.

    cosine_similarity(f32[N, 16], f32[N, 16])
    cosine_similarity(f64[N, 4, T], f64[N, 4, T], axis = 1, eps = 1.0)
"""
fn cosine_similarity(a, b, axis = -1, eps = 1e-8) =
  sum(l2_normalize(a, axis, eps) * l2_normalize(b, axis, eps), axis = axis)

"""The product of all elements up to each place along an axis, its own with them.

    f32[N, 6] -> cumprod
    cumprod(relu(f32[N, T, 3]), axis = 1)
    cumprod(f64[4, 5], axis = 0)
"""
fn cumprod(x, axis = -1) =
  [axis_within(axis, x.rank), x.shape[axis]]
    -> (fn(along) = prod(
      select(
        reshape(
          iota(along[1])[:, new] >= iota(along[1]),
          [along[1], along[1]] + [1] * (x.rank - along[0] - 1),
        ),
        reshape(x, x.shape[:along[0]] + [1] + x.shape[along[0]:]),
        1,
      ),
      axis = along[0] + 1,
    ))

fn axis_within(axis, rank) =
  require(axis % rank, -rank <= axis and axis < rank, "the tensor has no such axis")

"""So many numbers at equal distances, from `start` to `stop`, both with them.

    f32[N, 5] * linspace(-1, 1, 5)
    f64[N, 3] + linspace(0.5, 2, 3, dtype = f64)
    f32[N, 1] * linspace(2, 3, 1)
"""
fn linspace(start, stop, size, dtype = f32) =
  iota(size, dtype = dtype) * ((stop - start) / max([size - 1, 1]))
    -> (fn(steps) = if start == 0 then steps else start + steps)
