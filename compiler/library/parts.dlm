"""Parts of tensors, and tensors made of parts."""

"""The parts of a tensor along an axis: so many equal ones, or of the sizes in a list.

`a, b = split(x, 2)` gives two halves, `split(x, [1, 3], axis = 0)` one row and three.
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

"""Tensors of one shape behind one another along a new axis."""
fn stack(tensors, axis = 0) = stacked(tensors, axis % (tensors[0].rank + 1))

fn stacked(tensors, axis) =
  concat(map(tensors, fn(x) = reshape(x, x.shape[:axis] + [1] + x.shape[axis:])), axis = axis)
