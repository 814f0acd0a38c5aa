"""Figures as people read them."""

import pytest

from dlmc.ir.dimensions import Dim, Size
from dlmc.summary.figures import flops, memory

N, T, H = Dim.symbol("N"), Dim.symbol("T"), Dim.symbol("H")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (1000, "1.00 k"),
        (1234, "1.23 k"),
        (99_949, "99.9 k"),
        (99_950, "100 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (8_238_354_920, "8.24 G"),
        (10**21, "1000 E"),
        (-1500, "−1.50 k"),
        (N, "N"),
        (64 * N, "64 · N"),
        (4_100_000_000 * N, "4.10 G · N"),
        (2000 * N * T**2 + 30 * N, "2.00 k · N · T² + 30 · N"),
        (N - 1, "N − 1"),
        (-1 * N, "−N"),
        (6 * (H // 2), "6 · (H // 2)"),
    ],
)
def test_flops(size: Size, text: str) -> None:
    assert flops(size) == text


def test_what_rounding_loses_is_not_shown() -> None:
    """A term that three digits of a larger one swallow, whatever the sizes are."""
    assert flops(5000 * N + 2) == "5.00 k · N"
    assert flops(5000 * N + 3) == "5.00 k · N + 3"
    assert flops(5000 * N + 2 * T) == "5.00 k · N + 2 · T"  # T may be large
    assert flops(5000 * (H // 2) + 2) == "5.00 k · (H // 2) + 2"  # H // 2 may be 0


def test_long_sums_are_cut_visibly() -> None:
    assert flops(N * T + N + T + 1) == "N · T + N + T + …"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (102_432_368, "97.7 MiB"),
        (93_511_168 * N, "89.2 MiB · N"),
        (1024 * 1024 - 1, "1.00 MiB"),
        (N, "1 B · N"),
    ],
)
def test_memory(size: Size, text: str) -> None:
    assert memory(size) == text
