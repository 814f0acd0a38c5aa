"""The printed form, and that it reads back."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlmc
from dlmc.grammar.span import Source, Span
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Definition, Initializer
from dlmc.ir.printer import print_modules, print_program, value_text
from dlmc.ir.reader import read_modules
from dlmc.ir.text import LineReader, ReadError
from dlmc.ir.traced import Operation, TracedFloat, TracedInt, Variable, origin_of
from dlmc.ir.traversal import reachable, roots
from dlmc.ir.types import DType
from dlmc.ir.verify import verify
from tests.unit.ir.programs import NORM
from tests.unit.ir.test_dimensions import sizes

EXAMPLES = sorted(Path("examples").glob("*.dlm"))
N, T = Dim.symbol("N"), Dim.symbol("T")


def read_value(text: str) -> object:
    line = LineReader(text)
    value = line.value()
    line.end()
    return value


def test_a_program_by_hand_reads_back() -> None:
    modules = read_modules(NORM)
    assert list(modules) == ["Norm", "scaled", "Model"]
    assert print_modules([modules["Model"]]) == NORM
    for module in modules.values():
        verify(module)


def test_each_part_is_read() -> None:
    modules = read_modules(NORM)
    norm, model, scaled = modules["Norm"], modules["Model"], modules["scaled"]
    assert scaled.is_library
    assert scaled.documentation == "x times a number."
    assert scaled.inference is scaled.training
    assert scaled.outputs[0].name is None
    assert norm.inference is not norm.training
    assert norm.fixed == {"decay"}
    assert norm.parameters[0].initializer == Initializer(
        "normal", (("mean", 0.0), ("std", 0.02))
    )
    assert norm.training.updates[0][0] == "mean"
    assert norm.outputs[1].name == "the mean"
    assert origin_of(norm.arguments["decay"]) == Variable("decay")
    assert model.bounds == {"T": 1024}
    assert [i.name for i in model.instances] == ["first norm", "layer.0"]
    assert model.instances[0].module is norm
    first, _, third, *_ = model.inference.operations
    assert first.module is norm  # type: ignore[union-attr]
    assert third.module is scaled  # type: ignore[union-attr]
    assert third.instance is None  # type: ignore[union-attr]
    last = model.inference.operations[-1]
    assert isinstance(last, Apply)
    assert last.attributes == {"low": (3, 0), "high": (0, 0), "value": -float("inf")}
    assert last.operands[0] == model.inference.operations[-2].results[0]


def test_locations_read_back() -> None:
    modules = read_modules(NORM)
    span = modules["Model"].inference.operations[2].span
    assert (str(span), span.line, span.column) == ("model.dlm:15:3", 15, 3)
    assert span.source.position(span.end) == (16, 9)


def test_locations_point_into_the_source_where_there_is_one() -> None:
    text = "model M {\n  y = x + x\n}\n"
    source = Source("model.dlm", text)
    modules = read_modules(
        "module @M = model M {  # model.dlm:1:1-3:2\n"
        "  input x: f32\n"
        "  output: f32\n"
        "  body {\n"
        "    %1: f32 = add(%x, %x)  # model.dlm:2:7-2:12\n"
        "    return %1\n"
        "  }\n"
        "}\n",
        {"model.dlm": source},
    )
    assert modules["M"].inference.operations[0].span == Span(source, 16, 21)
    assert modules["M"].inference.operations[0].span.text == "x + x"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_read_back(path: Path) -> None:
    program = dlmc.read(path)
    text = print_program(program)
    modules = read_modules(text)
    named = [module for _, module in roots(program)]
    assert len(modules) == len(reachable(named))
    uses, _, printed = text.partition("\n\n")
    assert print_modules(modules.values()) == printed
    assert [line.split(": @")[0] for line in uses.splitlines()] == [
        f"# {use}" for use, _ in roots(program)
    ]
    for mentioned in re.findall(r"^# .*: @(\S+)$", uses, re.MULTILINE):
        assert mentioned in modules


@given(sizes)
def test_sizes_read_back(size: Size) -> None:
    assert read_value(value_text(size)) == size


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -3,
        1e-05,
        -0.5,
        float("inf"),
        -float("inf"),
        'a "quoted" name  # m.dlm:1:1-1:2',
        DType.BF16,
        (),
        (1,),
        (1, (2.5, "x")),
        [],
        [1, [N]],
        4 * N * T - N // 2 + 1,
        (N + 1) // (T + 1),
        7 // N,
        -N,
        Initializer("he_normal", (("a", 0.5), ("fan_in", 3))),
        Definition("NamedFunction"),
    ],
    ids=str,
)
def test_values_read_back(value: object) -> None:
    assert read_value(value_text(value)) == value
    assert type(read_value(value_text(value))) is type(value)


def test_origins_read_back() -> None:
    width = TracedInt(64, Variable("width"))
    axis = TracedInt(3, Variable("x.shape[0]"))
    rate = TracedFloat(0.5, Variable("rate"))
    for value in (
        width,
        -width,
        (4 * width + axis // 2) ** 2,
        2.5 * rate,
        1 - (rate - 0.5) / width,
    ):
        found = read_value(value_text(value))
        assert found == value
        assert origin_of(found) == origin_of(value)


def test_origins_in_sizes_read_back() -> None:
    width, one = TracedInt(64, Variable("width")), TracedInt(1, Variable("one"))
    size = width * N - (4 * width) * T + one * N * T - one + N // width
    found = read_value(value_text(size))
    assert found == size

    def origins(dim: Any) -> list[Any]:
        return [origin_of(coefficient) for _, coefficient in dim.terms]

    assert origins(found) == origins(size)
    assert sum(origin is not None for origin in origins(size)) == 4


def test_an_origin_is_shown() -> None:
    value = TracedInt(12, Operation("*", 4, Operation("+", Variable("w"), 1)))
    assert value_text(value) == "12{4 * (w + 1)}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("return %2", "return %3", "there is no value %3 above"),
        ("= @scaled(", "= @other(", "there is no module @other above"),
        ("  # model.dlm:7:3-7:9", "", "the line has no location"),
        ("f32[N, 4{D}] = sub", "f33[N, 4{D}] = sub", "expected a dtype, got f33"),
        ("fixed decay", "fixed decay decay", "decay is too much"),
        ("bound T = 1024", "limit T = 1024", "a module has no limit"),
        ("bound T = 1024", "bound T = §", "cannot read §"),
        ("4{width}", "4{4}", "an origin names a variable"),
        ("@scaled = ", "@Norm = ", "two modules are called @Norm"),
        ("= zeros()  #", "= 0  #", "mean lacks an initialiser"),
        ("by = 0.5{by}", "by = 0.5{by by}", "by is no operator"),
        ("T + 3", "T + 3.5", "unsupported operand"),
        ("block Norm", "part Norm", "'part' is not a valid Kind"),
        ("%1: f32 = constant", "%1: f32, %3: f32 = constant", "too many values"),
    ],
)
def test_what_cannot_be_read(old: str, new: str, message: str) -> None:
    assert old in NORM
    with pytest.raises(ReadError) as caught:
        read_modules(NORM.replace(old, new, 1))
    line = NORM[: NORM.index(old)].count("\n") + 1
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: {message}")


def test_text_that_ends_early() -> None:
    with pytest.raises(ReadError, match="lacks a body"):
        read_modules("module @M = model M {\n  input x: f32\n}\n")
    with pytest.raises(ReadError, match="a body lacks its return"):
        read_modules(NORM.replace("    return %2\n", ""))
    with pytest.raises(ReadError, match="at the end of the line"):
        read_modules("module")


@given(st.integers(0, len(NORM)), st.integers(0, 20))
def test_a_damaged_text_is_an_error_or_a_program(start: int, length: int) -> None:
    damaged = NORM[:start] + NORM[start + length :]
    try:
        modules = read_modules(damaged)
    except ReadError:
        return
    print_modules(modules.values())
