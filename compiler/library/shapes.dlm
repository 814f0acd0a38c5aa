"""Shapes: functions that move numbers without changing them, and pooling."""

"""All axes but the first become one."""
fn flatten(x) = reshape(x, [x.shape[0], product(x.shape[1:])])

"""Largest value in each window over the axes after the first two; padding never wins."""
fn max_pool(x, size, stride = size, padding = 0) = window_max(x, size = size, stride = stride, padding = padding)

"""Mean of each window over the axes after the first two; padding counts if asked to."""
fn avg_pool(x, size, stride = size, padding = 0, count_padding = false) =
  window_mean(x, size = size, stride = stride, padding = padding, count_padding = count_padding)
