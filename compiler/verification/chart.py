"""Curves over steps as SVG, to stand in a page that styles them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 12, 56
END = WIDTH - RIGHT
MOST = 400
"""The most points of a curve that are drawn; a picture has not more columns to show."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A value for each step, from 1 on; what is not finite is left out."""

    name: str
    values: Sequence[float]


def chart(
    curves: Sequence[Curve],
    title: str,
    *,
    logarithmic: bool = False,
    bar: float | None = None,
    style: int = 0,
) -> str:
    """One picture of all curves.

    On a logarithmic axis a 0 is drawn at the bottom. `bar` is a level to mark. `style`
    is that of the first curve; 0 is broad, to be beneath the others.
    """
    steps = max((len(curve.values) for curve in curves), default=0)
    shown = [v for curve in curves for v in curve.values if math.isfinite(v)]
    shown += [] if bar is None else [bar]
    axis = _logarithmic(shown) if logarithmic else _linear(shown)
    plot = _Plot(max(steps, 2), axis)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        *plot.grid(),
        *(plot.line(curve, i) for i, curve in enumerate(curves, style)),
    ]
    if bar is not None:
        y = plot.y(bar)
        parts.append(f'<line class="bar" x1="{LEFT}" x2="{END}" y1="{y}" y2="{y}"/>')
    parts += plot.legend([curve.name for curve in curves], style)
    return "\n".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool

    def share(self, value: float) -> float:
        """Where a value stands, from 0 at the bottom to 1."""
        if self.logarithmic:
            value = math.log10(value) if value > 0 else self.low
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def _linear(values: Sequence[float]) -> _Axis:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high - low < 1e-12 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    unit = 10 ** math.floor(math.log10((high - low) / 4))
    step = next(unit * n for n in (1, 2, 5, 10) if (high - low) / (unit * n) <= 6)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = tuple((i * step, f"{i * step:.6g}") for i in range(first, last + 1))
    return _Axis(first * step, last * step, ticks, False)


def _logarithmic(values: Sequence[float]) -> _Axis:
    powers = [math.log10(value) for value in values if value > 0] or [-16.0, 0.0]
    low, high = math.floor(min(powers)), math.ceil(max(powers))
    high = max(high, low + 1)
    stride = math.ceil((high - low) / 6)
    ticks = tuple((10.0**p, f"1e{p:+03d}") for p in range(low, high + 1, stride))
    return _Axis(low, high, ticks, True)


class _Plot:
    def __init__(self, steps: int, axis: _Axis) -> None:
        self.steps = steps
        self.axis = axis

    def x(self, step: int) -> float:
        """The column of a step."""
        share = (step - 1) / (self.steps - 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        """The row of a value."""
        height = HEIGHT - TOP - BOTTOM
        return round(TOP + (1 - self.axis.share(value)) * height, 1)

    def grid(self) -> Iterator[str]:
        """Lines and numbers of both axes."""
        for value, text in self.axis.ticks:
            y = self.y(value)
            yield (f'<line class="grid" x1="{LEFT}" x2="{END}" y1="{y}" y2="{y}"/>')
            yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{text}</text>'
        for i in range(6):
            step = 1 + round(i * (self.steps - 1) / 5)
            y = HEIGHT - BOTTOM + 18
            yield f'<text x="{self.x(step)}" y="{y}" text-anchor="middle">{step}</text>'

    def line(self, curve: Curve, index: int) -> str:
        """One curve; of many points, the largest of each group."""
        group = math.ceil(len(curve.values) / MOST)
        points = []
        for start in range(0, len(curve.values), max(group, 1)):
            some = curve.values[start : start + group]
            finite = [value for value in some if math.isfinite(value)]
            if finite:
                points.append(f"{self.x(start + 1)},{self.y(max(finite))}")
        joined = " ".join(points)
        return (
            f'<polyline class="s{index % 5}" points="{joined}">'
            f"<title>{escape(curve.name)}</title></polyline>"
        )

    def legend(self, names: Sequence[str], style: int) -> Iterator[str]:
        """A stroke and a name for each curve."""
        x, y = LEFT, HEIGHT - 12
        for index, name in enumerate(names, style):
            yield (f'<polyline class="s{index % 5}" points="{x},{y} {x + 28},{y}"/>')
            yield f'<text x="{x + 34}" y="{y + 4}">{escape(name)}</text>'
            x += 60 + 8 * len(name)
