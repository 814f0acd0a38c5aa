"""Shapes: functions that move numbers without changing them."""

"""All axes but the first become one."""
fn flatten(x) = reshape(x, [x.shape[0], product(x.shape[1:])])
