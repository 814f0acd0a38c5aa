"""What is said about names that other frameworks use: it is true."""

import re
from pathlib import Path

import pytest

from dlmc.catalogue import catalogue
from dlmc.elaborate.arguments_elsewhere import ARGUMENTS, EXPLAINED
from dlmc.elaborate.elsewhere import ATTRIBUTES, MISSING, NAMES, QUALIFIED, WRITTEN
from dlmc.elaborate.program import elaborate
from dlmc.elaborate.standard import library_index
from dlmc.elaborate.top import language
from dlmc.grammar.span import Source
from dlmc.initializers import INITIALIZERS
from tests.unit.elaborate.programs import errors

HERE = {*library_index(), *language().names(), "true", "false"}
SETTINGS = {"batch", "epochs"}
PLACEHOLDERS = {"map", "fn", "Name", "name", "csv"}


def test_what_names_are_called_here_exists() -> None:
    assert {*NAMES.values(), *QUALIFIED.values()} <= HERE


def test_a_name_has_one_answer() -> None:
    """And none that has a meaning here has one."""
    answered = [*NAMES, *WRITTEN, *MISSING]
    assert len(answered) == len(set(answered))
    assert set(answered) & HERE == set()


def test_arguments_are_called_so_here() -> None:
    signatures = " ".join(entry.signature for entry in catalogue().entries.values())
    known = set(re.findall(r"\w+", signatures)) | SETTINGS
    for initializer in INITIALIZERS.values():
        known |= set(initializer.parameters)
    for elsewhere, names in ARGUMENTS.items():
        assert set(names) <= known, elsewhere
        assert elsewhere not in names


ADVICE = {*WRITTEN.values(), *EXPLAINED.values(), *ATTRIBUTES.values()}


@pytest.mark.parametrize("text", sorted(ADVICE))
def test_advice_names_what_exists(text: str) -> None:
    for code in re.findall(r"`([^`]+)`", text):
        used = set(re.findall(r"\b([A-Za-z_]\w*)\(|-> ([A-Za-z_]\w*)", code))
        assert {name for pair in used for name in pair if name} <= HERE | PLACEHOLDERS


EXPRESSIONS = {
    "squeeze": "x[:, 0]",
    "unsqueeze": "x[:, new]",
    "fliplr": "flip(x, axis = 1)",
    "square": "x ** 2",
    "reciprocal": "1 / x",
    "frac": "x - trunc(x)",
    "softmin": "softmax(-x)",
    "nan_to_num": "select(isnan(x), 0, x)",
    "count_nonzero": "sum(cast(x != 0, i64))",
    "Tanhshrink": "x - tanh(x)",
}


@pytest.mark.parametrize(
    ("name", "expression"), EXPRESSIONS.items(), ids=EXPRESSIONS.keys()
)
def test_advice_is_a_program(name: str, expression: str) -> None:
    assert f"`{expression}`" in WRITTEN[name]
    assert errors(f"model M {{ input x: f32[N, 4] output y = {expression} }}") == []


def advice(expression: str) -> tuple[str, str | None]:
    """The message and the hint about an expression on x: f32[N, 8]."""
    text = f"model M {{ input x: f32[N, 8] output y = {expression} }}"
    (found,) = elaborate(Source("test.dlm", text), Path()).diagnostics
    return found.message, found.hint


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        ("x -> Linear(3)", "`Linear` is called `Dense` here", None),
        ("x -> Conv2D(3)", "`Conv2D` is called `Conv` here", None),
        ("x -> unsqueeze(1)", "`unsqueeze` is written otherwise here", "x[:, new]"),
        ("x -> nn.Linear(3)", "`nn.Linear` is called `Dense` here", None),
        (
            "torch.relu(x)",
            "`torch.relu` is written otherwise here",
            "alone here: `relu`",
        ),
        ("x.view(8)", "f32[N, 8] has no `view`", "`reshape(x, …)`"),
        ("(x + 1).T", "f32[N, 8] has no `T`", "`transpose((x + 1))`"),
        ("x -> LSTM(3)", "there is no `LSTM` yet", None),
        ("torch.topk(x, 3)", "`torch.topk` is written otherwise", "alone here: `topk`"),
        ("torch.gather(x, 1, x)", "`torch.gather` is called `take_along_axis`", None),
        ("unique(x)", "there is no `unique` yet", None),
        ("x -> Dense(out_features = 3)", "no argument `out_features`", "`units`"),
        ("x -> Dense(3, in_features = 8)", "`in_features`", "taken from the input"),
        ("x -> Dense(3, activation = 1)", "`activation`", "stage of its own"),
        ("x -> BatchNorm(momentum = 0.1)", "`momentum`", "1 less PyTorch's"),
        ("x -> BatchNorm(epsilon = 0.1)", "`epsilon`", "it is called `eps` here"),
        ("softmax(x, dim = 1)", "`dim`", "it is called `axis` here"),
        ("transpose(x, dims = [1, 0])", "`dims`", "it is called `axes` here"),
        ("leaky_relu(x, alpha = 0.1)", "`alpha`", "it is called `slope` here"),
        ("clip(x, min = 0, high = 1)", "`min`", "it is called `low` here"),
        ("x -> LayerNorm(momentum = 0.1)", "`momentum`", "the signature is"),
    ],
)
def test_advice(expression: str, message: str, hint: str | None) -> None:
    found, said = advice(expression)
    assert message in found
    assert said is None if hint is None else said is not None and hint in said


def test_a_users_own_block_is_not_explained() -> None:
    """What its arguments would mean, only the user knows."""
    text = """
    block Own(width) { input x: f32[N, D] output x -> Dense(width) }
    model M { input x: f32[N, 8] output y = x -> Own(3, in_features = 8) }
    """
    (found,) = elaborate(Source("test.dlm", text), Path()).diagnostics
    assert found.hint is not None
    assert "input" not in found.hint.replace("in_features", "")


def test_what_is_missing_has_no_false_friend() -> None:
    for name in sorted(MISSING):
        assert advice(f"x -> {name}(3)") == (f"there is no `{name}` yet", None)
