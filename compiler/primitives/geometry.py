"""Where the windows of a convolution or a window reduction lie."""

from typing import Any

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.traced import origin_of, plain
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.base import Fault

Pairs = tuple[tuple[Size, Size], ...]
"""Padding before and after each axis; of "same" and a symbolic size it is so too."""


def kernel_of(
    name: str, operands: tuple[TensorType, ...], pattern: str
) -> tuple[int, ...]:
    """The kernel's sizes, once x [N, C, spatial…] and the weight are what they must be.

    `pattern` is the weight's shape in messages: `O, C / groups, ...`.
    """
    x, weight = operands
    checks.expect(name, "x", checks.FLOAT, x, "N, C, ...")
    checks.expect(name, "weight", checks.FLOAT, weight, pattern)
    checks.expect_one_dtype(name, x, weight)
    if not 3 <= x.rank <= 5:
        raise Fault(
            f"{name} expects x: float[N, C, ...] with one to three axes after C, "
            f"got {x}",
            code="E0304",
            argument="x",
        )
    kernel = tuple(size for size in weight.shape[2:] if isinstance(size, int))
    if weight.rank != x.rank or len(kernel) != x.rank - 2 or 0 in kernel:
        raise Fault(
            f"{name} expects weight: float[{pattern}] with a kernel size "
            f"for each spatial axis of {x}, got {weight}",
            code="E0304",
            argument="weight",
        )
    return kernel


def known(sizes: tuple[Size, ...]) -> tuple[int, ...]:
    """Sizes of a kernel, which are never symbolic."""
    found = tuple(size for size in sizes if isinstance(size, int))
    assert len(found) == len(sizes), sizes
    return found


def per_axis(name: str, argument: str, value: Any, rank: int) -> tuple[int, ...]:
    """A positive integer for each spatial axis, from one for all or a list."""
    values = value if isinstance(value, list | tuple) else (value,) * rank
    if len(values) != rank:
        raise Fault(
            f"{name} expects {argument} for {rank} spatial axes, "
            f"got {checks.shown(value)}",
            argument=argument,
        )
    return tuple(checks.integer(name, argument, v, least=1) for v in values)


def padding_of(
    name: str,
    value: Any,
    sizes: tuple[Size, ...],
    window: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Pairs:
    """Padding (before, after) of each spatial axis, from any way to write it.

    `"valid"` is none. `"same"` makes ceil(size / stride) windows, the odd element of
    padding after the input. Otherwise a number for all, a list of one number for each
    axis, or a list of [before, after] for each.
    """
    rank = len(sizes)
    if value == "valid":
        return ((0, 0),) * rank
    if value == "same":
        return tuple(
            _same(name, axis, *entry)
            for axis, entry in enumerate(
                zip(sizes, window, stride, dilation, strict=True)
            )
        )
    if isinstance(value, str):
        raise Fault(
            f'{name} knows no padding "{value}"',
            hint='padding is "same", "valid", a number or a list',
            argument="padding",
        )
    values = value if isinstance(value, list | tuple) else (value,) * rank
    if len(values) != rank:
        raise Fault(
            f"{name} expects padding for {rank} spatial axes, "
            f"got {checks.shown(value)}",
            hint="write [[before, after]] for each axis to pad the ends differently",
            argument="padding",
        )
    pairs: list[tuple[Size, Size]] = []
    for entry in values:
        ends = entry if isinstance(entry, list | tuple) else (entry, entry)
        if len(ends) != 2:
            raise Fault(
                f"{name} expects [before, after] for an axis, "
                f"got {checks.shown(entry)}",
                argument="padding",
            )
        low, high = (
            end
            if isinstance(end, Dim)
            else checks.integer(name, "padding", end, least=0)
            for end in ends
        )
        pairs.append((low, high))
    return tuple(pairs)


def _same(
    name: str, axis: int, size: Size, window: int, stride: int, dilation: int
) -> tuple[Size, Size]:
    reach = dilation * (window - 1) + 1
    total: Size
    if _is_one(stride, size):
        total = dilation * (window - 1)
    elif isinstance(size, int):
        # A plain number: with another size or stride it would not follow by the same
        # arithmetic, for no padding is negative.
        count = (size + stride - 1) // stride
        total = plain(max((count - 1) * stride + reach - size, 0))
    elif reach == 1:
        total = 0  # The last window begins inside.
    elif reach >= stride:
        by = plain(stride)
        total = ((size + (by - 1)) // by - 1) * by + plain(reach) - size
    else:
        raise Fault(
            f'{name}: padding = "same" with stride {stride} depends on the size of '
            f"spatial axis {axis}, which is {size}, known only when the program runs",
            hint=f"say the padding in numbers, such as {reach // 2}",
            argument="padding",
        )
    low = total // 2
    return low, total - low


def window_counts(
    name: str,
    sizes: tuple[Size, ...],
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Pairs,
    dilation: tuple[int, ...],
) -> tuple[Size, ...]:
    """How many windows fit on each spatial axis."""
    counts: list[Size] = []
    for size, k, s, (low, high), d in zip(
        sizes, window, stride, padding, dilation, strict=True
    ):
        # The numbers first: where they cancel out, the size itself is the result.
        extra = low + high - d * (k - 1)
        whole = size + extra
        if isinstance(whole, int) and whole < 1:
            raise Fault(
                f"{name}: a window of {d * (k - 1) + 1} does not fit into {size}"
                + (f" padded to {size + low + high}" if low + high else ""),
                code="E0304",
            )
        if _is_one(s, size):
            counts.append(size + extra)
        else:
            counts.append((size + (extra - 1)) // s + 1)
    return tuple(counts)


def spread_sizes(
    name: str,
    sizes: tuple[Size, ...],
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Pairs,
    output_padding: tuple[Size, ...],
    dilation: tuple[int, ...],
) -> tuple[Size, ...]:
    """How far windows reach that are laid out `stride` apart, one for each element."""
    result: list[Size] = []
    for size, k, s, (low, high), longer, d in zip(
        sizes, window, stride, padding, output_padding, dilation, strict=True
    ):
        # The numbers first: what cancels out leaves a multiple of the size.
        extra = d * (k - 1) - low - high + longer
        reach = size + extra if _is_one(s, size) else size * s + (extra + 1 - s)
        if isinstance(reach, int) and reach < 1:
            raise Fault(
                f"{name}: padding of {low + high} leaves nothing of {size} windows of "
                f"{d * (k - 1) + 1} that lie {s} apart",
                code="E0304",
                argument="padding",
            )
        result.append(reach)
    return tuple(result)


def _is_one(stride: int, size: Size) -> bool:
    """Whether a stride is 1 in every use, not by the value of an argument.

    A symbolic size is computed when the program runs: there the value decides.
    """
    return stride == 1 and (origin_of(stride) is None or isinstance(size, Dim))
