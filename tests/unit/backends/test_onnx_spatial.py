"""The spatial part of the library as graphs: that they agree, and what they come to."""

from typing import Any

import numpy as np
import pytest

from dlmc.backends.onnx.lowering import lower
from dlmc.backends.resizing import has_exact_neighbours
from tests.unit.backends.onnx_graphs import checked, run_graph
from tests.unit.backends.spatial_models import SPATIAL
from tests.unit.backends.test_onnx_models import agree, model, operators

SIZES = ({"N": 1, "T": 5, "H": 7, "W": 6}, {"N": 3, "T": 8, "H": 10, "W": 9})


@pytest.mark.parametrize("text", SPATIAL.values(), ids=SPATIAL.keys())
def test_agrees(text: str) -> None:
    module = model(text)
    for sizes in SIZES:
        checked(agree(module, sizes))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x -> ConvTranspose(6, 3, stride = 2, output_padding = 1)", ["ConvTranspose"]),
        ("x -> ConvTranspose(6, 3, groups = 3, bias = false)", ["ConvTranspose"]),
        ("x -> DepthwiseConv(3, 2)", ["Conv"]),
        ("x -> SeparableConv(4, 3)", ["Conv", "Conv"]),
        ("resize(x, 2)", ["Resize"]),
        (
            'resize(x, size = [3, 17], method = "bilinear")',
            ["Shape", "Concat", "Resize"],
        ),
        ('resize(x, 2, method = "bicubic", a = -0.5)', ["Resize"]),
        ("adaptive_avg_pool(x, [4, 2])", ["AveragePool"]),
        ("global_avg_pool(x)", ["ReduceMean"]),
        ("reflect_pad(x, 1)", ["Pad"]),
        ("replicate_pad(x, [[1, 0], [0, 2]])", ["Pad"]),
        ("pixel_shuffle(x -> Conv(8, 1), 2)", ["Conv", "DepthToSpace"]),
    ],
)
def test_operators(body: str, expected: list[str]) -> None:
    module = model(f"input x: f32[N, 3, 8, 6] output {body}")
    assert operators(agree(module, {"N": 2})) == expected


def resized(x: Any, size: int) -> Any:
    """Nearest neighbours by ONNX Runtime, of a sequence."""
    module = model(f"input x: f32[N, 1, {len(x)}] output resize(x, size = {size})")
    graph = lower(module)
    assert "Resize" in operators(graph)
    return run_graph(graph, {"x": x[None, None]})["output"][0, 0]


@pytest.mark.parametrize("n", range(1, 17))
def test_neighbours_that_are_said_to_be_exact_are(n: int) -> None:
    for m in range(1, 40):
        if has_exact_neighbours([n], [m]):
            wanted = (2 * np.arange(m) + 1) * n // (2 * m)
            np.testing.assert_array_equal(resized(np.arange(n, dtype="f"), m), wanted)
