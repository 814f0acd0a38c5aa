"""Schedules: learning rates that change with the optimizer step. `step` (from 0) and
`steps` (of the whole training) are given."""

"""`lr` throughout, after a linear warm-up of so many steps."""
fn constant(lr, step, steps, warmup = 0) = warm_up(lr, step, warmup, lr + 0 * step)

"""Half a cosine from `lr` down to `floor` (Loshchilov & Hutter, 2017), after a linear
warm-up of so many steps."""
fn cosine(lr, step, steps, warmup = 0, floor = 0.0) = warm_up(
  lr,
  step,
  warmup,
  cosine_between(lr, floor, minimum(maximum(step - warmup, 0) / maximum(steps - warmup, 1), 1)),
)

fn cosine_between(high, low, progress) = low + 0.5 * (high - low) * (1 + cos(pi * progress))

fn warm_up(lr, step, warmup, after) =
  if warmup == 0 then after else select(step < warmup, lr * ((step + 1) / warmup), after)
