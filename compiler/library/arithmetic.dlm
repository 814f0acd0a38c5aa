"""Arithmetic: short functions of numbers, and of the numbers along axes."""

"""x between `low` and `high`, else the nearer of these; the derivative is 1 at both."""
fn clip(x, low, high) = select(x < low, low, select(x > high, high, x))

"""log(sum(exp(x))) along an axis or a list of axes, in a form that never overflows."""
fn logsumexp(x, axis = -1, keep = false) =
  log_sum(x, finite_or_zero(stop_gradient(max(x, axis = axis, keep = true))), axis, keep)

fn log_sum(x, top, axis, keep) =
  log(sum(exp(x - top), axis = axis, keep = keep)) + (if keep then top else max(top, axis = axis))

fn finite_or_zero(x) = select(abs(x) == inf, 0, x)

"""Variance along an axis or a list of axes, all where none is said. Squares are divided
by their count less `correction`: 1 gives the unbiased variance."""
fn var(x, axis = 0..x.rank, keep = false, correction = 0) =
  mean_square(x - mean(x, axis = axis, keep = true), axis, keep, correction)

fn mean_square(d, axis, keep, correction) =
  if correction == 0 then mean(d ** 2, axis = axis, keep = keep)
  else sum(d ** 2, axis = axis, keep = keep) / (number_along(d.shape, axis) - correction)

fn number_along(sizes, axis) =
  product(map(if is_integer(axis) then [axis] else axis, fn(i) = sizes[i]))

"""Standard deviation: the square root of `var`, with a derivative of 0 at 0."""
fn std(x, axis = 0..x.rank, keep = false, correction = 0) =
  root_or_zero(var(x, axis, keep, correction))

"""Euclidean norm along an axis or a list of axes, with a derivative of 0 at 0."""
fn norm(x, axis = -1, keep = false) = root_or_zero(sum(x ** 2, axis = axis, keep = keep))

fn root_or_zero(x) = select(x > 0, sqrt(select(x > 0, x, 1)), 0)

"""x divided by its norm along an axis, or by `eps` where that is larger."""
fn l2_normalize(x, axis = -1, eps = 1e-12) =
  x * rsqrt(maximum(sum(x ** 2, axis = axis, keep = true), eps ** 2))

"""Cosine of the angle between vectors along an axis, whose norms count as `eps` at least."""
fn cosine_similarity(a, b, axis = -1, eps = 1e-8) =
  sum(l2_normalize(a, axis, eps) * l2_normalize(b, axis, eps), axis = axis)
