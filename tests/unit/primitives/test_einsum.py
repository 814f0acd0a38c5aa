"""Patterns of `einsum`: what they mean, their normal form, what is wrong with one."""

from typing import Any

import numpy as np
import pytest
import torch

from dlmc.primitives import REGISTRY, Fault
from dlmc.primitives.base import tensor
from tests.unit.elaborate.programs import compute, errors
from tests.unit.primitives.drawing import reference

RNG = np.random.default_rng(0)

CASES = [
    # the pattern, shapes, what NumPy and PyTorch call it
    ("n i, i o -> n o", [(2, 3), (3, 4)], "ni,io->no"),
    ("ni,io->no", [(2, 3), (3, 4)], "ni,io->no"),
    ("ij, kj -> ki", [(2, 3), (4, 3)], "ij,kj->ki"),
    ("batch i, batch o -> i o", [(2, 3), (2, 4)], "bi,bo->io"),
    ("batch bin, bin blue -> blue batch", [(2, 3), (3, 4)], "bB,Ba->ab"),
    ("B b, b B -> b", [(2, 3), (3, 2)], "Bb,bB->b"),
    ("i, j -> i j", [(2,), (3,)], "i,j->ij"),
    ("i,j->ji", [(2,), (3,)], "i,j->ji"),
    ("left, right -> left right", [(2,), (3,)], "l,r->lr"),
    ("feature, feature ->", [(3,), (3,)], "f,f->"),
    ("... i, i -> ...", [(2, 4, 3), (3,)], "...i,i->..."),
    ("...i,...i->...", [(2, 3), (2, 3)], "...i,...i->..."),
    ("b...i, io -> b...o", [(2, 4, 3), (3, 5)], "b...i,io->b...o"),
    ("b ... i, i o -> b ... o", [(2, 4, 3), (3, 5)], "b...i,io->b...o"),
    ("... i, ... i -> ... i", [(4, 2, 3), (2, 3)], None),
    ("a b, b c, c d -> d a", [(2, 3), (3, 4), (4, 5)], "ab,bc,cd->da"),
    ("n c h w -> n", [(2, 3, 4, 5)], "nchw->n"),
    ("n, -> n", [(2,), ()], "n,->n"),
]


@pytest.mark.parametrize(("pattern", "shapes", "normal"), CASES)
def test_meaning(pattern: str, shapes: list[Any], normal: str | None) -> None:
    arrays = [RNG.normal(size=shape) for shape in shapes]
    types = tuple(
        tensor(f"f64[{', '.join(map(str, s))}]" if s else "f64") for s in shapes
    )
    einsum = REGISTRY["einsum"]
    made = einsum.normalize(types, {"pattern": pattern})
    if normal is not None:
        assert made == {"pattern": normal}
    assert einsum.normalize(types, made) == made
    found = reference("einsum", *arrays, pattern=pattern)
    assert einsum.infer(types, made).shape == found.shape
    theirs = torch.einsum(normal or "...i,...i->...i", *map(torch.from_numpy, arrays))
    np.testing.assert_allclose(found, theirs.numpy(), rtol=1e-12, atol=1e-13)


def test_in_a_program() -> None:
    """The pattern before the tensors, behind a pipe, and by its name."""
    x, w = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))
    text = """model M { input x: f64[N, 3] input w: f64[3, 4]
      output a = einsum("n i, i o -> n o", x, w)
      output b = x -> einsum("n i, i o -> n o", w)
      output c = einsum(x, w, pattern = "ni,io->no")
      output d = einsum("ni,io->no", [x, w]) }"""
    for found in compute(text, x=x, w=w).values():
        np.testing.assert_allclose(found, x @ w, rtol=1e-12)


WRONG = [
    ('"n i, i o"', "says no result"),
    ('"n i, i o, o -> n"', "is for 3 tensors, 2 given"),
    ('"n i, o i -> n o"', "gives the axis `i` two sizes: 3 and 4"),
    ('"... i, i o -> ... o"', None),
    ('"n i k, i o -> n o"', "names 3 axes in `n i k`, the tensor is f32[N, 3]"),
    ('"n, i o -> n o"', "names 1 axis in `n`, the tensor is f32[N, 3]"),
    ('"n i, i o -> n p"', "has `p` in the result and in no tensor"),
    ('"n i, i o -> n n"', "has `n` twice in the result"),
    ('"n n, n o -> o"', "has `n` twice in `n n`"),
    ('"n 3, i o -> n o"', "has a `3`, which names no axis"),
    ('"n i; i o -> n o"', "has a `;`, which names no axis"),
    ('"... , ... o -> o"', "has `...` in a tensor and not in the result"),
    ("3", "needs `pattern`"),
    ("x", "needs `pattern`"),
    ("pattern = 3", "expects a pattern, got 3"),
]


@pytest.mark.parametrize(("pattern", "message"), WRONG)
def test_wrong_patterns(pattern: str, message: str | None) -> None:
    given = f"x, w, {pattern}" if "=" in pattern else f"{pattern}, x, w"
    text = f"input x: f32[N, 3] input w: f32[3, 4] output y = einsum({given})"
    said = errors(f"model M {{ {text} }}")
    if message is None:
        assert said == []
    else:
        assert message in said[0]


def test_only_floats() -> None:
    types = (tensor("i64[N, 3]"), tensor("i64[3]"))
    with pytest.raises(Fault, match=r"expects tensors: float\[...\], got i64\[N, 3\]"):
        REGISTRY["einsum"].normalize(types, {"pattern": "n i, i -> n"})
