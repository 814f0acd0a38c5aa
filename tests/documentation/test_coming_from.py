"""The pages for those who come from a framework: its code and ours compute the same."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlmc.elaborate.arguments_elsewhere import ARGUMENTS, EXPLAINED
from dlmc.elaborate.program import elaborate
from dlmc.grammar.span import Source
from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from dlmc.ir.module import Module
from tests.documentation.foreign_names import keras_names, torch_names
from tests.documentation.pages import ROOT, Block, blocks, section
from tests.parity.targets import batch_of, distance

PYTORCH = ROOT / "docs" / "coming-from-pytorch.md"
KERAS = ROOT / "docs" / "coming-from-keras.md"
NAMES: dict[Path, Callable[[], str]] = {PYTORCH: torch_names, KERAS: keras_names}
TOLERANCE = 1e-5

Arrays = dict[str, np.ndarray[Any, Any]]


def pairs(page: Path) -> Iterator[Any]:
    """Code that defines a `Net`, and the program after it."""
    found = blocks(page)
    for theirs, ours in pairwise(found):
        if re.search(r"^(class|def) Net\b|^Net =", theirs.text, re.MULTILINE):
            assert ours.language == "dlm"
            yield pytest.param(theirs, ours, id=theirs.id)


def model_of(block: Block) -> Module:
    """The model of a program."""
    found = elaborate(Source(block.file, block.text), ROOT / "examples")
    assert found.program is not None
    return found.program.models[-1]


def weights_of(model: Module, shapes: list[tuple[int, ...]]) -> Arrays:
    """Weights for both, none of them 0 or 1, and of the shapes that theirs have."""
    rng = np.random.default_rng(0)
    own = initial_weights(model, 0)
    assert [array.shape for array in own.values()] == shapes
    return {
        name: rng.uniform(0.2, 0.6, array.shape).astype(array.dtype)
        for name, array in own.items()
    }


def assert_equal(model: Module, inputs: Arrays, weights: Arrays, theirs: Any) -> None:
    """What ours gives is what theirs has given."""
    expected = list(run(model, inputs, weights).outputs.values())
    theirs = theirs if isinstance(theirs, tuple | list) else (theirs,)
    for ours, other in zip(expected, theirs, strict=True):
        assert distance(ours, np.asarray(other, ours.dtype)) <= TOLERANCE


def executed(block: Block, names: dict[str, Any]) -> Any:
    """The `Net` that a block of code defines."""
    exec(compile(block.text, block.id, "exec"), names)
    return names["Net"]()


@pytest.mark.parametrize(("theirs", "ours"), list(pairs(PYTORCH)))
def test_pytorch(theirs: Block, ours: Block) -> None:
    """In inference; weights are in the order of `state_dict`, in the same layout."""
    import torch
    from torch import Tensor, nn

    functional = nn.functional
    names = {"torch": torch, "nn": nn, "F": functional, "Tensor": Tensor}
    net = executed(theirs, names).eval()
    model = model_of(ours)
    kept = [t for n, t in net.state_dict().items() if "num_batches_tracked" not in n]
    weights = weights_of(model, [tuple(tensor.shape) for tensor in kept])
    inputs = batch_of(model, 5)
    with torch.inference_mode():
        for tensor, array in zip(kept, weights.values(), strict=True):
            tensor.copy_(torch.from_numpy(array))
        found = net(*(torch.from_numpy(array) for array in inputs.values()))
    assert_equal(model, inputs, weights, found)


@pytest.mark.parametrize(
    "heading",
    [
        "A module with a forward",
        "Residual connections, and modules in modules",
        "ModuleList and loops",
        "Buffers, train and eval",
        "Shared weights",
    ],
)
def test_names_of_weights(heading: str) -> None:
    """They are those of `state_dict`, where layers are called the same."""
    import torch
    from torch import nn

    theirs, ours = section(PYTORCH, heading)
    names = {"torch": torch, "nn": nn, "F": nn.functional}
    found = executed(theirs, names).state_dict()
    expected = [name for name in found if "num_batches_tracked" not in name]
    assert list(initial_weights(model_of(ours), 0)) == expected


@pytest.mark.parametrize(("theirs", "ours"), list(pairs(KERAS)))
def test_keras(theirs: Block, ours: Block) -> None:
    """In inference; channels and the inputs of weights are last there."""
    import keras
    from keras import layers, ops

    net = executed(theirs, {"keras": keras, "layers": layers, "ops": ops})
    model = model_of(ours)
    variables = [v for layer in leaves(net) for v in layer.weights]
    assert {id(v) for v in net.weights} == {id(v) for v in variables}
    weights = weights_of(
        model, [moved(np.zeros(v.shape), owner(net, v)).shape for v in variables]
    )
    for variable, array in zip(variables, weights.values(), strict=True):
        variable.assign(back(array, owner(net, variable)))
    inputs = batch_of(model, 5)
    given = [to_last(array) for array in inputs.values()]
    found = net(given if len(given) > 1 else given[0], training=False)
    found = found if isinstance(found, tuple | list) else [found]
    assert_equal(model, inputs, weights, [to_second(np.asarray(y)) for y in found])


def leaves(net: Any) -> list[Any]:
    """The layers with weights, in the order in which they are applied."""
    return [layer for layer in net.layers if layer.weights]


def owner(net: Any, variable: Any) -> str:
    """What kind of layer a variable belongs to."""
    return next(
        type(layer).__name__
        for layer in leaves(net)
        if any(v is variable for v in layer.weights)
    )


TURNED = {
    "Dense": (1, 0),
    "Conv2D": (3, 2, 0, 1),
    "DepthwiseConv2D": (2, 3, 0, 1),
}
"""A kernel's axes there, in the order of ours."""


def moved(array: Any, kind: str) -> Any:
    """A weight of a layer in our layout."""
    order = TURNED.get(kind, ())
    return array.transpose(order) if array.ndim == len(order) > 1 else array


def back(array: Any, kind: str) -> Any:
    """A weight of ours in a layer's layout."""
    order = TURNED.get(kind, ())
    inverse = np.argsort(order) if order else order
    return array.transpose(inverse) if array.ndim == len(order) > 1 else array


def to_last(array: Any) -> Any:
    """An image with its channels last."""
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def to_second(array: Any) -> Any:
    """An image with its channels second."""
    return array.transpose(0, 3, 1, 2) if array.ndim == 4 else array


@pytest.mark.parametrize("page", [PYTORCH, KERAS], ids=lambda page: page.stem)
def test_there_are_pairs(page: Path) -> None:
    """The parametrisation above is what the page says it is."""
    assert len(list(pairs(page))) >= 8


@pytest.mark.parametrize("page", [PYTORCH, KERAS], ids=lambda page: page.stem)
def test_arguments(page: Path) -> None:
    """Arguments are called so in the hints of dlmc too."""
    text = page.read_text("utf-8").partition("\n## Arguments\n")[2]
    rows = re.findall(
        r"^\| (`.*) \| (.*) \|$", text.partition("\n## ")[0], re.MULTILINE
    )
    assert rows
    for left, right in rows:
        theirs, here = re.findall(r"`(\w+)`", left), re.findall(r"`(\w+)`", right)
        if right == "leave it out":
            assert all(EXPLAINED[name].startswith("leave it out") for name in theirs)
            continue
        here = here * len(theirs) if len(here) == 1 else here
        for name, known in zip(theirs, here, strict=True):
            assert known in ARGUMENTS[name], name


@pytest.mark.parametrize("page", [PYTORCH, KERAS], ids=lambda page: page.stem)
def test_names(page: Path, request: pytest.FixtureRequest) -> None:
    """The table of names is that of dlmc, of names that the framework really has."""
    begin, end = "<!-- names: begin -->\n", "<!-- names: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    table, found, after = rest.partition(end)
    assert found
    expected = NAMES[page]()
    if request.config.getoption("--update-golden"):
        page.write_text(before + begin + expected + end + after, "utf-8")
    else:
        assert table == expected
