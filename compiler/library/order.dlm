"""Order: sorting along an axis, and values put at places along one."""

"""The numbers along an axis in their order, upwards, or downwards if `descending`.

    f32[N, 6] -> sort
    sort(f32[N, T, 3], axis = 1, descending = true)
    sort(i64[N, 9] < 4)
    sort(round(f64[4, 7]), axis = 0)
"""
fn sort(x, axis = -1, descending = false) =
  take_along_axis(x, argsort(x, axis = axis, descending = descending), axis = axis)

"""The `k` largest numbers along an axis, the largest first, and their indices; the
smallest ones without `largest`. Of equal numbers the first comes first.

`values, indices = topk(x, 3)` gives both.

    topk(f32[N, 10], 3)[0]
    topk(f32[N, 5, T], 2, axis = 1)[1]
    topk(f64[N, 6], 2, largest = false)[0]
    topk(round(f32[N, 9]), 4)[1]
"""
fn topk(x, k, axis = -1, largest = true) =
  argsort(x, axis = axis, descending = largest)
    -> (fn(order) = slice(
      order, start = [0], stop = beginning(x.shape, axis_within(axis, x.rank), k),
    )) -> (fn(indices) = [take_along_axis(x, indices, axis = axis), indices])

fn beginning(sizes, axis, count) =
  sizes[:axis]
  + [require(
    count,
    not is_known(sizes[axis]) or count <= sizes[axis],
    "there are fewer elements along the axis",
  )]

"""x with values at places along an axis instead of its own, of floats. Several values for
one place add up.

With axis 0 values[i, j] comes to x[indices[i, j], j]. Indices and values have the sizes of
x, but on the axis as many as there are to be put.

    scatter(f32[N, 5], i64[N, 2] < 5, f32[N, 2])
    scatter(f32[4, T, 3], i64[6, T, 3] < 4, f32[6, T, 3], axis = 0)
    scatter(f64[5], i64[9] < 5, f64[9])
"""
fn scatter(x, indices, values, axis = -1) =
  broadcast(cast(0, x.dtype), x.shape)
    -> (fn(zeros) = select(
      scatter_add(zeros, indices, broadcast(cast(1, x.dtype), values.shape), axis = axis) > 0,
      scatter_add(zeros, indices, values, axis = axis),
      x,
    ))
