"""Matrices: functions of the last two axes, as rows and columns."""

"""1 on the diagonal of a matrix and 0 elsewhere.

    f32[N, 3] @ eye(3)
    f64[N, 3] @ eye(3, 5, dtype = f64)
"""
fn eye(rows, columns = rows, dtype = f32) = cast(iota(rows)[:, new] == iota(columns), dtype)

"""A vector as the diagonal of a matrix, or the diagonal of square matrices.

    diag(f32[6])
    diag(f32[N, T, 4, 4])
    diag(f64[T, T])
"""
fn diag(x) = iota(x.shape[-1]) -> (fn(place) = if x.rank == 1
                                               then select(place[:, new] == place, x, 0)
                                               else sum(
                                                 select(iota(x.shape[-2])[:, new] == place, x, 0),
                                                 axis = -1,
                                               ))

"""A matrix with 0 above a diagonal: the `diagonal`-th one, counted upwards from the main
one, which is 0. Of truth values false.

    tril(f32[N, 4, 5])
    tril(f64[T, T], diagonal = -1)
    tril(f32[N, 3, 4, 4] > 0, 1)
"""
fn tril(x, diagonal = 0) = where_kept(x, iota(x.shape[-2])[:, new] + diagonal >= iota(x.shape[-1]))

"""A matrix with 0 below a diagonal: the `diagonal`-th one, counted upwards from the main
one, which is 0. Of truth values false.

    triu(f32[N, 4, 5])
    triu(f64[T, T], diagonal = -1)
    triu(f32[N, 3, 4, 4] > 0, 1)
"""
fn triu(x, diagonal = 0) = where_kept(x, iota(x.shape[-2])[:, new] + diagonal <= iota(x.shape[-1]))

fn where_kept(x, kept) = if x.dtype == bool then x and kept else select(kept, x, 0)

"""The cross product of vectors of three numbers along an axis.

    cross(f32[N, 3], f32[N, 3])
    cross(f64[3, T], 2 * f64[3, T], axis = 0)
"""
fn cross(a, b, axis = -1) =
  roll(of_three(a, axis), -1, axis) * roll(of_three(b, axis), 1, axis)
  - roll(a, 1, axis) * roll(b, -1, axis)

fn of_three(x, axis) =
  require(x, is_known(x.shape[axis]) and x.shape[axis] == 3, "a cross product is of three numbers")
