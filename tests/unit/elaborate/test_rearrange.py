"""`rearrange`: what a pattern means, what it comes to, and what is wrong with one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.ir.module import Apply, Module
from tests.unit.elaborate.programs import compute, errors, model

X = np.arange(2 * 6 * 4 * 5, dtype="f4").reshape(2, 6, 4, 5)

CASES = [
    # the pattern and sizes, the same by hand, the operations that it comes to
    ('"a b c d -> a b c d"', X, ""),
    ('"a b c d -> d a c b"', X.transpose(3, 0, 2, 1), "transpose"),
    ('"a b c d -> a (b c d)"', X.reshape(2, -1), "reshape"),
    ('"a (h b) c d -> a h b c d", h = 3', X.reshape(2, 3, 2, 4, 5), "reshape"),
    (
        '"a (h b) c d -> a h c b d", b = 2',
        X.reshape(2, 3, 2, 4, 5).swapaxes(2, 3),
        "reshape transpose",
    ),
    (
        '"a b c d -> a c (b d)"',
        X.swapaxes(1, 2).reshape(2, 4, 30),
        "transpose reshape",
    ),
    (
        '"n (c r s) h w -> n c (h r) (w s)", c = 1, r = 3',
        X.reshape(2, 1, 3, 2, 4, 5).transpose(0, 1, 4, 2, 5, 3).reshape(2, 1, 12, 10),
        "reshape transpose reshape",
    ),
    ('"a b c d -> a 1 b (c d)"', X.reshape(2, 1, 6, 20), "reshape"),
    ('"... d -> (...) d"', X.reshape(48, 5), "reshape"),
    ('"a ... d -> d ... a"', X.transpose(3, 1, 2, 0), "transpose"),
    ('"a b ... -> a (... b)"', X.transpose(0, 2, 3, 1).reshape(2, -1), None),
    ('"a b c d ... -> b a c d ..."', X.swapaxes(0, 1), "transpose"),
    ('"a(b x)c d->x (a b) c d",x=2', None, "reshape transpose reshape"),
    ('"a b c d -> (a b c d)", d = 5', X.reshape(-1), "reshape"),
]


def operations(module: Module) -> str:
    body = module.inference.operations
    return " ".join(op.primitive for op in body if isinstance(op, Apply))


@pytest.mark.parametrize(("given", "wanted", "steps"), CASES)
def test_meaning(given: str, wanted: Any, steps: str | None) -> None:
    """Of known sizes and of those that a running program knows."""
    if wanted is None:
        parts = X.reshape(2, 3, 2, 4, 5)
        wanted = np.stack([parts[:, :, i].reshape(6, 4, 5) for i in range(2)])
    for sizes in ("2, 6, 4, 5", "N, 6, H, 5"):
        text = f"model M {{ input x: f32[{sizes}] output y = rearrange(x, {given}) }}"
        np.testing.assert_array_equal(compute(text, x=X)["y"], wanted)
        assert steps is None or operations(model(text)) == steps


def test_axes_of_size_1_come_and_go() -> None:
    x = X[:, :1]
    text = """model M { input x: f32[N, 1, 4, W]
      output a = x -> rearrange("n 1 h w -> w n h")
      output b = rearrange(x[:, 0], "n h w -> n () h w 1")
      output c = rearrange(pattern = "n c h w -> (n c) h w", tensor = x) }"""
    found = compute(text, x=x)
    np.testing.assert_array_equal(found["a"], x[:, 0].transpose(2, 0, 1))
    np.testing.assert_array_equal(found["b"], x[..., np.newaxis])
    np.testing.assert_array_equal(found["c"], x[:, 0])


def test_sizes_of_arguments() -> None:
    """One block for several uses, each with sizes of its own."""
    text = """
    block Heads(heads) { input x: float[N, T, D]
      y = rearrange(x, "n t (h d) -> n h t d", h = heads)
      output rearrange(cumsum(y, axis = 1), "n h t d -> n t (h d)") }
    model M { input x: f32[N, T, 12] output a = x -> Heads(3) output b = x -> Heads(4) }
    """
    x = np.random.default_rng(0).normal(size=(2, 3, 12))
    found = compute(text, x=x)
    for name, heads in (("a", 3), ("b", 4)):
        sums = x.reshape(2, 3, heads, -1).cumsum(axis=2).reshape(2, 3, 12)
        np.testing.assert_allclose(found[name], sums, rtol=1e-5, atol=1e-5)


WRONG = [
    ('"a b c d"', "has no `->`"),
    ("3", "a pattern is a string, not the number 3"),
    ('"a b c -> c b a"', "is for 3 axes, the tensor is f32[2, 6, H, 5]"),
    ('"a b c d e ... -> e ... d c b a"', "is for at least 5 axes"),
    ('"a b c d -> a b c"', "leaves out `d` after the arrow"),
    ('"a b c d -> a b c d e"', "has `e` after the arrow alone"),
    ('"a b a d -> a b d"', "has `a` twice on one side of the arrow"),
    ('"... ... c -> c ..."', "has `...` twice on one side"),
    ('"(a ...) c -> c a ..."', "has `...` in parentheses before the arrow"),
    ('"a (b c d -> a b c d"', "has a `(` that is not closed"),
    ('"a b) c d -> a b c d"', "has a `)` too many"),
    ('"a ((b c)) d -> a b c d"', "has a `(` too many"),
    ('"a b-c d -> a b c d"', "has a `-`, which names no axis"),
    ('"a 6 c d -> a c d"', "has a `6`, which names no axis"),
    ('"a (b e) c d -> a b e c d"', "does not say the sizes in `(b e)`"),
    ('"a (b e) c d -> a b e c d", b = 4', "cannot divide `(b e)`, 6, by 4"),
    ('"a (b e) c d -> a b e c d", b = 0', "cannot divide `(b e)`, 6, by 0"),
    ('"a (b e) c d -> a b e c d", b = 2, e = 2', "takes `(b e)` for 2 * 2, the"),
    ('"a b (c e) d -> a b c e d", c = 2', "divides `(c e)`, H, by 2, which may leave"),
    ('"a b c d -> a b c d", d = 4', "takes `d` for 4, the axis is 5"),
    ('"a b c d -> a b c d", e = 4', "has no axis `e`, whose size is given"),
    ('"a b c d -> a b c d", d = 2.5', "the size of `d` is a whole number"),
    ('"1 b c d -> b c d"', "takes `1` for 1, the axis is 2"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_wrong_patterns(given: str, message: str) -> None:
    text = f"model M {{ input x: f32[2, 6, H, 5] output y = rearrange(x, {given}) }}"
    (said,) = errors(text)
    assert message in said


def test_arguments_that_are_given_twice_or_not() -> None:
    line = "model M {{ input x: f32[2, 6] output y = rearrange({}) }}"
    for given, message in (
        ("x", "needs `pattern`"),
        ('x, "a b -> b a", a = 2, a = 2', "`a` is given twice"),
        ('x, "a b -> b a", 2', "takes 2 arguments"),
        ('[x, x], "a b -> b a"', "a tensor is needed, not a list of 2"),
    ):
        (said,) = errors(line.format(given))
        assert message in said


def test_the_pattern_is_underlined() -> None:
    text = 'model M { input x: f32[N, 6] output y = x -> rearrange("a b -> b") }'
    (diagnostic,) = elaborate(Source("test.dlm", text), Path()).diagnostics
    assert diagnostic.place is not None
    assert diagnostic.place.span.text == '"a b -> b"'
