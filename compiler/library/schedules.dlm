"""Schedules: learning rates that change with the optimizer step. `step` (from 0) and
`steps` (of the whole training) are given. Arguments count steps; those may speak of
`steps`, and of `epoch`, the steps of one epoch: `warmup = 5% * steps`, `every = 10 * epoch`.
Each can begin with a warm-up, in which the rate rises to `lr` in a straight line."""

"""`lr` throughout, after a warm-up.

    adam(lr = constant(1e-3, warmup = 100))
    sgd(lr = constant(0.1))
"""
fn constant(lr, step, steps, warmup = 0) = warm_up(lr, step, warmup, lr + 0 * step)

"""From `lr` down to `floor` in a straight line, after a warm-up.

    adam(lr = linear_decay(1e-3, warmup = 100))
    sgd(lr = linear_decay(0.1, floor = 0.01))
"""
fn linear_decay(lr, step, steps, warmup = 0, floor = 0.0) =
  warm_up(lr, step, warmup, lr + (floor - lr) * share_after(warmup, step, steps))

"""Half a cosine from `lr` down to `floor` (Loshchilov & Hutter, 2017), after a warm-up.

    adam(lr = cosine(1e-3, warmup = 100))
    sgd(lr = cosine(0.1, warmup = 5% * steps, floor = 1e-3))
"""
fn cosine(lr, step, steps, warmup = 0, floor = 0.0) =
  warm_up(lr, step, warmup, cosine_between(lr, floor, share_after(warmup, step, steps)))

"""Half a cosine from `lr` down to `floor`, again and again (Loshchilov & Hutter, 2017).

The first one takes `period` steps, each other `factor` times as many as that before it.

    adam(lr = cosine_restarts(1e-3, period = 10 * epoch))
    sgd(lr = cosine_restarts(0.1, period = 50, factor = 2, warmup = 10, floor = 1e-3))
"""
fn cosine_restarts(lr, step, steps, period, factor = 1, warmup = 0, floor = 0.0) = warm_up(
  lr,
  step,
  warmup,
  cosine_between(lr, floor, share_of_period(maximum(step - warmup, 0) / period, factor)),
)

fn share_of_period(periods, factor) =
  if require(factor, factor >= 1, "a factor of periods is at least 1") == 1 then periods % 1
  else share_of_growing(periods, factor, growths(periods, factor))

# The logarithm of a whole power may come out a little too small.
fn growths(periods, factor) = floor(log(1 + periods * (factor - 1)) * (1 / log(factor)) + 1e-9)

fn share_of_growing(periods, factor, growths) =
  (periods - (factor ** growths - 1) / (factor - 1)) / factor ** growths

"""`lr`, times `factor` after every so many steps.

    sgd(lr = step(0.1, every = 30 * epoch))
    adam(lr = step(1e-3, every = 50, factor = 0.5, warmup = 10))
"""
fn step(lr, step, steps, every, factor = 0.1, warmup = 0) =
  warm_up(lr, step, warmup, lr * factor ** (step // every))

"""`lr`, times `factor` from each of the steps in a list on.

    sgd(lr = multi_step(0.1, at = [30 * epoch, 60 * epoch]))
    adam(lr = multi_step(1e-3, at = [50, 80, 90], factor = 0.5, warmup = 10))
"""
fn multi_step(lr, step, steps, at, factor = 0.1, warmup = 0) = warm_up(
  lr,
  step,
  warmup,
  lr * factor ** fold(at, 0, fn(passed, first) = passed + cast(step >= first, f64)),
)

"""`lr` at first, and from each of the steps in a list on the rate at its place in another.

    sgd(lr = piecewise(0.1, at = [30 * epoch, 60 * epoch], rates = [0.02, 0.001]))
    adam(lr = piecewise(1e-3, at = [50], rates = [1e-4], warmup = 10))
"""
fn piecewise(lr, step, steps, at, rates, warmup = 0) = warm_up(
  lr,
  step,
  warmup,
  fold(
    0..require(len(at), len(at) == len(rates), "there must be as many `rates` as steps in `at`"),
    lr + 0 * step,
    fn(rate, i) = select(step >= at[i], rates[i], rate),
  ),
)

"""`lr`, times `factor` in every so many steps, without jumps.

    adam(lr = exponential(1e-3, factor = 0.95, every = epoch))
    sgd(lr = exponential(0.1, factor = 0.999, warmup = 10))
"""
fn exponential(lr, step, steps, factor, every = 1, warmup = 0) =
  warm_up(lr, step, warmup, lr * factor ** (maximum(step - warmup, 0) / every))

"""From `lr` down to `floor` like a power of the steps that are left, after a warm-up.

    sgd(lr = polynomial(0.1, power = 0.9))
    adam(lr = polynomial(1e-3, power = 2, warmup = 100, floor = 1e-5))
"""
fn polynomial(lr, step, steps, power, warmup = 0, floor = 0.0) =
  warm_up(lr, step, warmup, floor + (lr - floor) * (1 - share_after(warmup, step, steps)) ** power)

"""Up to `lr` in half a cosine of `warmup` steps, and down in another (Smith & Topin, 2018).

The rate is `start` at the first step, `lr` at the last of the `warmup`, `floor` at the end.

    adam(lr = one_cycle(1e-2))
    sgd(lr = one_cycle(0.1, warmup = 20, start = 0.01, floor = 1e-5))
"""
fn one_cycle(lr, step, steps, warmup = 30% * steps, start = lr / 25, floor = lr / 250_000) = select(
  step < warmup - 1,
  cosine_between(start, lr, step / maximum(warmup - 1, 1)),
  cosine_between(lr, floor, within_one((step - warmup + 1) / maximum(steps - warmup, 1))),
)

"""`lr` over the square root of the steps, once a warm-up is over (Vaswani et al., 2017).

The rate after so many steps is lr * sqrt(warmup / steps).

    adam(lr = inverse_sqrt(1e-3, warmup = 400))
    sgd(lr = inverse_sqrt(0.1))
"""
fn inverse_sqrt(lr, step, steps, warmup = 1) =
  lr * minimum((step + 1) / maximum(warmup, 1), sqrt(maximum(warmup, 1) / (step + 1)))

fn cosine_between(first, last, share) = last + 0.5 * (first - last) * (1 + cos(pi * share))

fn share_after(warmup, step, steps) = within_one((step - warmup) / maximum(steps - warmup, 1))

fn within_one(share) = minimum(maximum(share, 0), 1)

fn warm_up(lr, step, warmup, after) =
  if is_known(warmup) and warmup == 0 then after
  else select(step < warmup, lr * ((step + 1) / maximum(warmup, 1)), after)
