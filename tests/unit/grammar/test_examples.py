"""Whole programs: those by which the language is described, and one of all settings."""

from pathlib import Path

import pytest

from dlmc.grammar import tree
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from tests.unit.grammar import nodes as n
from tests.unit.grammar.nodes import names, walk

PROGRAMS = Path(__file__).with_name("programs")


def program(name):
    path = PROGRAMS / f"{name}.dlm"
    return parse(Source(path.name, path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("linear", ["Linear", "points", None]),
        ("residual", ["Bottleneck", "ResNet"]),
        ("attention", ["Attention", "GPT"]),
        ("recurrence", ["SimpleRNN"]),
        ("library", ["LayerNorm", "BatchNorm", "adam"]),
        ("digits", [None, "CLASSES", "focal", "digits", "baseline", None]),
    ],
)
def test_declarations(name, declared):
    found = [getattr(d, "name", None) for d in program(name).declarations]
    assert [identifier and identifier.name for identifier in found] == declared


def test_linear_is_read_whole():
    x, y, target = n.Name("x"), n.Name("y"), n.Name("target")

    def column(*values):
        return n.List(tuple(n.List((n.Number(value),)) for value in values))

    def call(function, *arguments, **named):
        given = [n.Argument(a) for a in arguments]
        given += [n.Argument(a, name) for name, a in named.items()]
        return n.Call(n.Name(function), tuple(given))

    def setting(name, value):
        return n.Setting(*names(name), value)

    one = n.Type("f32", (n.Number(1),))
    assert program("linear") == n.File(
        (
            n.Block(
                *names("Linear"),
                (),
                (
                    n.Input(*names("x"), n.Type("f32", (n.Name("N"), n.Number(1)))),
                    n.Output(*names("y"), None, n.Pipe(x, call("Dense", n.Number(1)))),
                ),
                True,
            ),
            n.Data(
                *names("points"),
                (
                    n.Field(*names("x"), one, None),
                    n.Field(*names("target"), one, None),
                ),
                (
                    setting(
                        "source",
                        call(
                            "inline",
                            x=column(1.0, 2.0, 3.0, 4.0),
                            target=column(2.0, 4.0, 6.0, 8.0),
                        ),
                    ),
                ),
            ),
            n.Train(
                None,
                n.Name("Linear"),
                n.Name("points"),
                (
                    setting("loss", call("mse", y, target)),
                    setting("optimizer", call("sgd", lr=n.Number(0.01))),
                    setting("epochs", n.Number(100)),
                    setting("batch", n.Number(4)),
                ),
            ),
        ),
        "A line through four points.",
    )


def test_names_of_instances():
    named = [node for node in walk(program("residual")) if isinstance(node, tree.Named)]
    assert sorted(node.name.value for node in named) == sorted(
        [
            *("conv1", "bn1", "conv2", "bn2", "conv3", "bn3"),
            *("downsample.0", "downsample.1"),
            *("conv1", "bn1", "layer{s + 1}.{i}", "fc"),
        ]
    )


def test_a_pipeline_over_many_lines():
    (bottleneck, _) = program("residual").declarations
    y = bottleneck.body[1].value
    stages = []
    while isinstance(y, tree.Pipe | tree.Named):
        if isinstance(y, tree.Pipe):
            stages.append(y.stage)
        y = y.value
    assert y == n.Name("x")
    assert len(stages) == 8
    assert stages[0] == n.Name("BatchNorm")
