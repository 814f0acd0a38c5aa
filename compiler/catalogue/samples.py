"""Samples: uses of a definition, each of which becomes a whole program.

A sample of the library stands in the documentation of its definition, as an expression
in which a type stands for a tensor of that type: `leaky_relu(f32[N, 6], 0.1)`. Here it
is read, and its tensors are given names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dlmc.elaborate.standard import library_index
from dlmc.elaborate.types import DTYPES
from dlmc.grammar import tree
from dlmc.grammar.faults import SyntaxFaults
from dlmc.grammar.parser import parse_expression
from dlmc.grammar.span import Source
from dlmc.ir.module import Module
from dlmc.ir.program import Program
from dlmc.ir.types import TensorType
from dlmc.lint.syntax import children, nodes

Definition = tree.FunctionDeclaration | tree.Block | tree.Optimizer
"""What has samples."""

LETTERS = "abcdefghijklm"
"""Names of tensors that no one parameter stands for."""

_TENSOR = re.compile(
    rf"\b(?P<type>(?P<dtype>{'|'.join(DTYPES)})\[[^\[\]]*\])(?:\s*<\s*(?P<below>\d+))?"
)
_ALONE = re.compile(r"(?<![\w\])])\((_\d+)\)")
"""What was `(i64[N] < 5)`, in parentheses of its own."""
_TRAINING = """
model Lines {{
  input x: f32[N, 3]
  output y = x -> Dense(2)
}}

data points {{
  source = inline(
    x = [[1.0, 2.0, 0.5], [2.0, -1.0, 1.0]],
    target = [[2.0, 1.0], [4.0, 3.0]],
  )
  x:      f32[3]
  target: f32[2]
}}

train Lines on points {{
  loss      = mse(y, target)
  optimizer = {expression}
  epochs    = 1
  batch     = 2
}}
"""


@dataclass(frozen=True)
class Sample:
    """An expression on inputs, or the optimizer of a training."""

    definition: str
    """What it is a sample of."""
    expression: str
    """With names for its tensors."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Names and types."""
    below: tuple[tuple[str, int], ...] = ()
    """Inputs that are integers from 0, and what each is less than."""
    is_optimizer: bool = False

    @property
    def text(self) -> str:
        """A whole program around it."""
        if self.is_optimizer:
            return _TRAINING.format(expression=self.expression)
        inputs = "".join(f"  input {name}: {type_}\n" for name, type_ in self.inputs)
        return f"model Example {{\n{inputs}  output result = {self.expression}\n}}\n"

    @cached_property
    def program(self) -> Program:
        """That program, elaborated.

        Raises:
            ValueError: It is wrong: a mistake of whoever wrote the sample.
        """
        from dlmc.diagnostics.render import render
        from dlmc.elaborate.program import elaborate

        source = Source("example.dlm", self.text)
        found = elaborate(source, Path(), is_sample=True)
        if found.program is None:
            said = "\n".join(map(render, found.diagnostics))
            raise ValueError(f"a sample of {self.definition} is wrong:\n{said}")
        return found.program

    @property
    def model(self) -> Module:
        """The model of the program."""
        return self.program.models[0]

    @property
    def result(self) -> TensorType | None:
        """The type of the expression, None for an optimizer's."""
        return None if self.is_optimizer else self.model.outputs[0].type


def library_samples(name: str) -> tuple[Sample, ...]:
    """The samples of a documented definition of the library, in their order."""
    place = library_index()[name]
    definition = place.read()
    assert isinstance(definition, Definition)
    return tuple(sample(definition, text) for text in place.samples)


def sample(definition: Definition, text: str) -> Sample:
    """A sample as the documentation of its definition has it.

    Raises:
        ValueError: It is no expression.
    """
    name = definition.name.name
    if isinstance(definition, tree.Optimizer) or is_schedule(definition):
        return Sample(name, text, is_optimizer=True)
    found: dict[str, re.Match[str]] = {}

    def placed(match: re.Match[str]) -> str:
        said = f"_{len(found)}"
        found[said] = match
        if match["below"] and _is_float(match):  # a comparison
            return f"{said}{match[0].removeprefix(match['type'])}"
        return said

    holed = _ALONE.sub(r"\1", _TENSOR.sub(placed, text))
    source = Source(f"a sample of {name}", holed)
    try:
        expression = parse_expression(source, 0, len(holed))
    except SyntaxFaults as faults:
        raise ValueError(f"a sample of {name} is wrong: {text}: {faults}") from None
    places = dict(_places(expression, definition, None, tuple(found)))
    taken = {node.name for node in nodes(expression) if isinstance(node, tree.Name)}
    names = _named(places, taken)
    below = tuple(
        (names[said], int(match["below"]))
        for said, match in found.items()
        if match["below"] and not _is_float(match)
    )
    return Sample(
        name,
        re.sub(r"\b_\d+\b", lambda match: names[match[0]], holed),
        tuple((names[said], match["type"]) for said, match in found.items()),
        below,
    )


def _is_float(match: re.Match[str]) -> bool:
    return DTYPES[match["dtype"]].is_float


def is_schedule(definition: Definition) -> bool:
    """Whether it says a learning rate."""
    return {"lr", "step", "steps"} <= {p.name for p in definition.parameters}


# --- Names of tensors ----------------------------------------------------------------


def _named(places: Mapping[str, str | None], taken: set[str]) -> dict[str, str]:
    """A name for each tensor: the parameter it is given for, if that is clear."""
    given = list(places.values())
    letters = iter(LETTERS)
    names: dict[str, str] = {}
    for said, parameter in places.items():
        if len(places) == 1 and parameter is None:
            parameter = "x"
        if parameter is None or given.count(parameter) > 1 or parameter in taken:
            parameter = next(x for x in letters if x not in {*taken, *given})
        names[said] = parameter
    return names


def _places(
    node: tree.Node, definition: Definition, place: str | None, tensors: tuple[str, ...]
) -> Iterator[tuple[str, str | None]]:
    """Each tensor in an expression, and the parameter that it is given for."""
    match node:
        case tree.Name(name=name) if name in tensors:
            yield name, place
        case tree.Call(function=function, arguments=arguments):
            yield from _places(function, definition, place, tensors)
            wanted = _operands(function, definition)
            for i, argument in enumerate(arguments):
                inner = argument.name if wanted and argument.name else place
                if wanted and argument.name is None and i < len(wanted):
                    inner = wanted[i]
                yield from _places(argument.value, definition, inner, tensors)
        case tree.Pipe(value=value, stage=stage):
            piped = stage
            if isinstance(stage, tree.Call) and not _operands(stage, definition):
                piped = stage.function
            wanted = _operands(piped, definition)
            first = wanted[0] if wanted else place
            yield from _places(value, definition, first, tensors)
            if wanted and piped is not stage and isinstance(stage, tree.Call):
                for argument, name in zip(stage.arguments, wanted[1:], strict=False):
                    inner = argument.name or name
                    yield from _places(argument.value, definition, inner, tensors)
            else:
                yield from _places(stage, definition, place, tensors)
        case _:
            for part in children(node):
                yield from _places(part, definition, place, tensors)


def _operands(function: tree.Expression, definition: Definition) -> tuple[str, ...]:
    """The names of what a callee is given, if it is the definition.

    Those are its parameters, or of a block that has its arguments, its inputs.
    """
    if function == tree.Name(function.span, definition.name.name):
        if isinstance(definition, tree.FunctionDeclaration):
            return tuple(p.name for p in definition.parameters)
        if all(p.default is not None for p in definition.parameters):
            return _own(definition)
    named = tree.Name(function.span, definition.name.name)
    if isinstance(function, tree.Call) and function.function == named:
        return _own(definition)
    return ()


def _own(definition: Definition) -> tuple[str, ...]:
    """The inputs of a block."""
    if not isinstance(definition, tree.Block):
        return ()
    return tuple(s.name.name for s in definition.body if isinstance(s, tree.Input))
