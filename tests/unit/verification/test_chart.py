"""Curves as pictures."""

import math
from xml.etree import ElementTree

import pytest

from dlmc.verification.chart import HEIGHT, MOST, WIDTH, Curve, chart

SVG = "{http://www.w3.org/2000/svg}"


def points(text: str) -> list[list[tuple[float, float]]]:
    """The points of each curve; those of the legend have no title."""
    root = ElementTree.fromstring(text)
    return [
        [tuple(map(float, p.split(","))) for p in line.get("points", "").split()]  # type: ignore[misc]
        for line in root.iter("polyline")
        if line.find("title") is not None
    ]


def test_curves_keep_their_order_and_stay_inside() -> None:
    """A larger value stands higher, a later step further to the right."""
    text = chart([Curve("a & <b>", [3.0, 1.0, 2.0]), Curve("c", [3.0, 1.0, 1.5])], "t")
    first, second = points(text)
    assert [x for x, _ in first] == sorted({x for x, _ in first})
    heights = [-y for _, y in first]
    assert heights[0] > heights[2] > heights[1]
    assert first[:2] == second[:2]
    assert first[2] != second[2]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in first)
    assert "a &amp; &lt;b&gt;" in text


def test_a_logarithmic_axis() -> None:
    """Tenfold is as far everywhere; 0 stands at the bottom."""
    (line,) = points(
        chart([Curve("a", [1e-2, 1e-4, 1e-6, 0.0])], "t", logarithmic=True)
    )
    ys = [y for _, y in line]
    assert ys[1] - ys[0] == pytest.approx(ys[2] - ys[1])
    assert ys[3] >= ys[2]


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize(
    "values", [[], [1.0], [0.0, 0.0], [math.nan, 1.0, math.inf], [5.0] * 3]
)
def test_odd_values(values: list[float], logarithmic: bool) -> None:
    """Nothing, one, all equal, not finite."""
    text = chart([Curve("a", values)], "t", logarithmic=logarithmic, bar=1e-4)
    (line,) = points(text)
    assert len(line) == sum(map(math.isfinite, values))
    assert "nan" not in text
    assert "inf" not in text


def test_many_steps() -> None:
    """A peak among very many points is still seen."""
    values = [1.0] * 5000
    values[3777] = 9.0
    (line,) = points(chart([Curve("a", values)], "t"))
    assert len(line) <= MOST + 1
    assert min(y for _, y in line) < max(y for _, y in line)
