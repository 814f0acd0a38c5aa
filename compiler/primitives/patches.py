"""Images taken apart into their windows, and put together again, as arrays."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dlmc.primitives.arrays import Array, np

Ints = tuple[int, ...]
Ends = tuple[int, int]


def seen(
    sizes: Ints, window: Ints, stride: Ints, padding: Sequence[Ends], dilation: Ints
) -> tuple[tuple[slice, ...], list[Ends]]:
    """The places of a window that see more than padding, and their padding.

    Of a small image behind many strides that is often but the middle of a kernel.
    """
    places: list[slice] = []
    ends: list[Ends] = []
    for n, k, s, (low, high), d in zip(
        sizes, window, stride, padding, dilation, strict=True
    ):
        count = (n + low + high - d * (k - 1) - 1) // s + 1

        def sees(
            place: int,
            n: int = n,
            s: int = s,
            low: int = low,
            d: int = d,
            c: int = count,
        ) -> bool:
            first = max(-((place * d - low) // s), 0)  # the first window inside
            return first < c and place * d - low + first * s < n

        start, stop = 0, k
        while start < min(low // d, k - 1) and not sees(start):
            start += 1
        while stop > max(k - high // d, start + 1) and not sees(stop - 1):
            stop -= 1
        places.append(slice(start, stop))
        ends.append((low - start * d, high - (k - stop) * d))
    return tuple(places), ends


def at(places: Iterable[slice]) -> Any:
    """The index of these places on the last axes."""
    return (..., *places)


def parts(
    x: Array,
    window: Ints,
    stride: Ints,
    padding: Sequence[tuple[int, int]],
    dilation: Ints,
    fill: Any = 0,
) -> Iterator[tuple[Ints, Array]]:
    """For each place in a window, in order, what all the windows have there.

    A place comes with a view [A, B, counts…] of x [A, B, spatial…], padded with `fill`.
    """
    rank = len(window)
    sizes = [
        low + n + high for n, (low, high) in zip(x.shape[2:], padding, strict=True)
    ]
    if any(map(any, padding)):
        padded = np.full((*x.shape[:2], *sizes), fill, x.dtype)
        inside = (
            slice(low, low + n)
            for n, (low, _) in zip(x.shape[2:], padding, strict=True)
        )
        padded[at(inside)] = x
    else:
        padded = x
    counts = [
        (sizes[i] - dilation[i] * (window[i] - 1) - 1) // stride[i] + 1
        for i in range(rank)
    ]
    for place in np.ndindex(*window):
        yield place, padded[at(_reached(place, counts, stride, dilation))]


def columns(
    x: Array,
    window: Ints,
    stride: Ints,
    padding: Sequence[tuple[int, int]],
    dilation: Ints,
) -> Array:
    """[C, window…, N, counts…]: what each window of x [N, C, spatial…] sees.

    A convolution is a product of matrices with it. Channels come first in memory, as
    in what that product gives.
    """
    result: Array | None = None
    turned = np.swapaxes(x, 0, 1)
    for place, part in parts(turned, window, stride, padding, dilation):
        if result is None:
            shape = (part.shape[0], *window, *part.shape[1:])
            result = np.empty(shape, x.dtype)
        result[_of_place(place)] = part
    assert result is not None
    return result


def spread(
    columns: Array,
    sizes: Ints,
    window: Ints,
    stride: Ints,
    padding: Sequence[tuple[int, int]],
    dilation: Ints,
) -> Array:
    """[N, C, sizes…]: columns [C, window…, N, counts…] added up where they are from."""
    counts = columns.shape[2 + len(window) :]
    whole = [low + n + high for n, (low, high) in zip(sizes, padding, strict=True)]
    batch = columns.shape[1 + len(window)]
    result = np.zeros((columns.shape[0], batch, *whole), columns.dtype)
    for place in np.ndindex(*window):
        reached = _reached(place, counts, stride, dilation)
        result[at(reached)] += columns[_of_place(place)]
    kept = (slice(low, low + n) for n, (low, _) in zip(sizes, padding, strict=True))
    return np.swapaxes(result[at(kept)], 0, 1)


def _of_place(place: Ints) -> Any:
    """The index of one place in columns."""
    return (slice(None), *place)


def _reached(
    place: Ints, counts: Sequence[int], stride: Ints, dilation: Ints
) -> Iterator[slice]:
    """Where the windows have one of their places, on each axis."""
    for at, n, s, d in zip(place, counts, stride, dilation, strict=True):
        yield slice(at * d, at * d + (n - 1) * s + 1, s)
