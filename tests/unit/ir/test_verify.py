"""Each rule of the verifier, on a program that breaks it and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dlmc
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Module, Value
from dlmc.ir.reader import read_modules
from dlmc.ir.traced import TracedInt, Variable
from dlmc.ir.traversal import callees, reachable, roots
from dlmc.ir.types import DType, TensorType
from dlmc.ir.verify import VerificationError, verify
from tests.unit.ir.programs import NORM

N = Dim.symbol("N")


def broken_rules(module: Module) -> list[str]:
    with pytest.raises(VerificationError) as caught:
        verify(module)
    assert str(caught.value).splitlines() == [str(v) for v in caught.value.violations]
    return [str(violation) for violation in caught.value.violations]


def test_a_sound_program() -> None:
    verify(read_modules(NORM)["Model"])


@pytest.mark.parametrize(
    "path", sorted(Path("examples").glob("*.dlm")), ids=lambda path: path.stem
)
def test_examples_are_sound(path: Path) -> None:
    for _, module in roots(dlmc.read(path)):
        verify(module)


WEIGHT = "parameter weight: f32[4{D}] = normal(mean = 0.0, std = 0.02)"

BROKEN = [
    # text, what it becomes, node, rule
    ("mul(%x, %1)", "mul(%x)", "%2 = mul", "1 operands for ('a', 'b')"),
    ("mul(%x, %1)", "times(%x, %1)", "%2 = times", "there is no primitive times"),
    ("mul(%x, %1)", "and(%x, %1)", "%2 = and", "`and` expects a: bool"),
    ("mul(%x, %1)", "less(%x, %1)", "%2 = less", "the result is bool[N, 4]"),
    ("value = 0.5{by}", "value = 1", "%1 = constant", "not in normal form"),
    ("axes = (1, 0))", "axes = (1, -1))", "%5 = transpose", "names an axis twice"),
    ("axes = (1, 0))", "axes = (-1, 0))", "%5 = transpose", "not in normal form"),
    ("axes = (1, 0))", "axis = (1, 0))", "%5 = transpose", "has no argument axis"),
    ("%5: f32[T, 2*N - 1]", "%5: f32[T, N]", "%5 = transpose", "is f32[T, 2*N - 1]"),
    ("value = -inf", "value = -inf, mode = 1", "%z = pad", "no argument mode"),
    ("keep = false", "keep = 0", "%1 = mean", "true or false"),
    ("return %y.2, %mean", "return %y.2", "", "1 values for 2 outputs"),
    ("return %y.2, %mean", "return %mean, %y.2", "", "y is f32[N, 4], but %mean"),
    ("return %y, %z", "return %z, %y", "", "y is f32[N, 4], but %z is f32[T + 3"),
    ("update mean = %1", "update mean = %y", "", "mean is f32[4], not f32[N, 4]"),
    ("update mean = %1", "update weight = %1", "", "no state weight to update"),
    (
        "    update mean = %1\n",
        "    update mean = %1\n    update mean = %1\n",
        "",
        "mean is updated twice",
    ),
    ("fixed decay", "fixed rate", "the module", "no argument or dimension rate"),
    ("bound T", "bound M", "the module", "no argument or dimension M"),
    ("input a: f32", "input a: f64", "@Norm", "x is f32[N, 4], not f64[N, 4]"),
    (WEIGHT, WEIGHT.replace("normal", "gauss"), "weight", "no initialiser gauss"),
    (WEIGHT, WEIGHT.replace("std", "sd"), "weight", "normal has no argument sd"),
    (WEIGHT, WEIGHT.replace("4{D}", "N"), "weight", "a size of f32[N] is not known"),
    (
        WEIGHT,
        WEIGHT.replace("normal(mean = 0.0, std = 0.02)", "orthogonal()"),
        "weight",
        "orthogonal does not initialise f32[4]",
    ),
    ('output "the mean"', "output y", "the module", "a name of its own"),
    ('output "the mean"', "output", "the module", "a name of its own"),
    ("4{x.shape[1]}] = mul", "4{x.shape[2]}] = mul", "%2 = mul", "unknown here"),
    ("0.5{by}, dtype", "0.5{to}, dtype", "%1 = constant", "from to, which is unknown"),
    ("4{D}] = sub(%x, %mean", "4{D + D}] = sub(%x, %mean", "", "something else"),
    ("N, 4{D}] = sub(%x, %m", "M, 4{D}] = sub(%x, %m", "%y = sub", "what M is"),
    ("@Norm(%a; decay = 0.9)", "@Norm(%a)", "@Norm", "in the argument decay"),
    ("@Norm(%a; decay = 0.9)", "@Norm(%a; decay = 0.8)", "@Norm", "decay is 0.9"),
    ("= @Norm(decay = 0.9)", "= @Norm()", "first norm", "in the argument decay"),
    ("@Norm(%a; decay", "@Norm(%a, %a; decay", "@Norm", "2 operands for 1 inputs"),
    ("@Norm(%a; decay", "@Norm(%b; decay", "@Norm", "axis 1 of x is T, not 4"),
    (', %2: f32[4{width}] = @Norm(%a', " = @Norm(%a", "@Norm", "1 results for 2"),
    ("%1: f32[N, 4{width}], %2", "%1: f32[N, 5], %2", "@Norm", "%1 is f32[N, 4], not"),
    (' as "first norm"', "", "@Norm", "are no instance's"),
    (" as layer.0", " as layer.1", "@Norm", "there is no instance layer.1"),
    ('instance "first norm"', "instance layer.0", "layer.0", "two instances"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "node", "rule"), BROKEN, ids=[str(i) for i in range(len(BROKEN))]
)
def test_broken(old: str, new: str, node: str, rule: str) -> None:
    assert old in NORM
    rules = broken_rules(read_modules(NORM.replace(old, new, 1))["Model"])
    assert any(node in found and rule in found for found in rules), rules


def with_body(change: Callable[[list[Any]], Any]) -> Module:
    """The function of the program with its operations changed."""
    scaled = read_modules(NORM)["scaled"]
    operations = list(scaled.inference.operations)
    change(operations)
    body = replace(scaled.inference, operations=tuple(operations))
    return replace(scaled, inference=body, training=body)


def test_used_before_it_is_defined() -> None:
    rules = broken_rules(with_body(list.reverse))
    assert "scaled: %2 = mul: %1 is used before it is defined" in rules[0]


def test_used_with_another_type() -> None:
    def change(operations: list[Apply]) -> None:
        x, scalar = operations[1].operands
        wrong = Value(scalar.name, TensorType(DType.F32, (1,)))
        operations[1] = replace(operations[1], operands=(x, wrong))

    (rule,) = broken_rules(with_body(change))
    assert "%2 = mul: %1 is f32, not f32[1]" in rule


def test_without_a_place() -> None:
    def change(operations: list[Any]) -> None:
        operations[0] = replace(operations[0], span=None)

    (rule,) = broken_rules(with_body(change))
    assert rule == "scaled: %1 = constant: it has no place in a source (no place)"


def test_the_place_is_named() -> None:
    (rule,) = broken_rules(with_body(lambda operations: operations.pop(0)))
    assert rule.endswith("(library/shapes.dlm:3:5)")


def test_defined_twice() -> None:
    (rule,) = broken_rules(with_body(lambda ops: ops.append(ops[0])))
    assert "%1 = constant: %1 is defined twice" in rule


def test_one_name_for_two_values() -> None:
    norm = read_modules(NORM)["Norm"]
    rules = broken_rules(replace(norm, states=(norm.states[0], norm.states[0])))
    assert "Norm: mean: the name stands for two values (no place)" in rules


def test_an_instance_that_owns_something_else() -> None:
    modules = read_modules(NORM)
    norm, model = modules["Norm"], modules["Model"]
    parameter = replace(norm.parameters[0], type=TensorType(DType.F64, (4,)))
    # The other module keeps to its rules: nothing in it uses the parameter.
    body = replace(norm.inference, operations=(), outputs=())
    other = replace(
        norm, parameters=(parameter,), inference=body, training=body, outputs=()
    )
    instances = (replace(model.instances[0], module=other), model.instances[1])
    rules = broken_rules(replace(model, instances=instances))
    assert any("something else than the instance first norm" in r for r in rules)
    assert any("Norm: the module: there is no output" in r for r in rules)


def test_an_instance_is_not_given_to_what_owns_nothing_of_it() -> None:
    call = "by = 0.5, axes = [-1, (1, 2)])"
    modules = read_modules(NORM.replace(call, f"{call} as layer.0"))
    (rule,) = broken_rules(modules["Model"])
    assert "%y = @scaled: it owns something else than the instance layer.0" in rule


def test_the_states_of_an_optimizer_have_any_shape() -> None:
    text = (
        "module @momentum = optimizer momentum {{  # m.dlm:1:1-2:1\n"
        "  dimension S = S\n"
        "  input weight: f32[S]\n"
        "  output weight: f32[S]\n"
        "  state m: f32[S] = zeros()  # m.dlm:1:1-2:1\n"
        "  body {{\n"
        "    return %weight\n"
        "  }}\n"
        "}}\n"
    ).format()
    verify(read_modules(text)["momentum"])
    wrong = read_modules(text.replace("optimizer momentum", "block momentum"))
    assert "f32[S] is not known" in broken_rules(wrong["momentum"])[0]


def test_a_broken_callee_is_found() -> None:
    modules = read_modules(NORM.replace("mul(%x, %1)", "add(%1, %1)"))
    assert broken_rules(modules["Model"]) == broken_rules(modules["scaled"])


def test_traced_numbers_in_attributes() -> None:
    def change(operations: list[Apply]) -> None:
        value = TracedInt(2, Variable("by"))
        attributes = {"value": value, "dtype": DType.F32}
        operations[0] = replace(operations[0], attributes=attributes)

    (rule,) = broken_rules(with_body(change))
    assert "2 comes from" in rule


def test_callees_stand_before_callers() -> None:
    modules = read_modules(NORM)
    model = modules["Model"]
    assert reachable([model]) == (modules["Norm"], modules["scaled"], model)
    assert reachable([modules["scaled"], model, model])[0] is modules["scaled"]
    assert list(callees(modules["scaled"])) == []
    assert len(list(callees(model))) == 5  # three calls, two instances


def test_callees_of_the_training_mode_alone() -> None:
    modules = read_modules(NORM)
    model, scaled = modules["Model"], modules["scaled"]
    both = replace(
        model, inference=replace(model.inference, operations=()), instances=()
    )
    assert scaled in reachable([both])
