"""What one elaboration shares: messages, the stack of uses, finished modules."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dlmc.diagnostics import Diagnostic, Label, Severity
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.operators import in_terms, number
from dlmc.elaborate.parameters import (
    given_arguments,
    layers_in,
    outer_values,
    translate_type,
)
from dlmc.elaborate.problems import Exhausted, Problem, did_you_mean, listing
from dlmc.elaborate.scope import FileScope
from dlmc.elaborate.specialise import Specialised, specialise
from dlmc.elaborate.uses import Use
from dlmc.elaborate.values import Layer, NamedFunction, describe, is_number
from dlmc.grammar import tree
from dlmc.grammar.span import Source, Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Borrowed, Instance, Kind, Module, Value
from dlmc.ir.types import DType

NOTHING_GIVEN: Mapping[str, Span] = MappingProxyType({})

MAX_DEPTH = 100
"""How deep blocks and functions may use each other."""

MAX_ERRORS = 100
"""How many mistakes are worth a message."""

MAX_STEPS = 200_000
"""How many expressions elaboration computes: a second's worth. A ResNet takes 6,000."""


class Session:
    """The state of one elaboration, from its sources to its program.

    `root` is the project's folder, which no file that is used lies outside of.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root
        self.root = root.resolve()
        self.library: FileScope | None = None
        self.files: dict[Path, FileScope | None] = {}
        self.opening: list[Path] = []
        self.diagnostics: list[Diagnostic] = []
        self._is_exhausted = False
        self._said: set[tuple[str, str, Label | None]] = set()
        self.uses: list[Use] = []
        self.finished: dict[Any, Specialised | None] = {}
        self.sizes: dict[Module, int] = {}
        self.steps = 0
        self.library_sources: set[Source] = set()

    # --- Messages --------------------------------------------------------------------

    def report(self, problem: Problem) -> None:
        """Add a message, once, and from which use it comes; and those beside it."""
        self._report(problem)
        for other in problem.also:
            self._report(other)

    def _report(self, problem: Problem) -> None:
        if isinstance(problem, Exhausted):
            if self._is_exhausted:
                return
            self._is_exhausted = True
        found = problem.explained
        assert found.place is not None
        use = self.uses[-1].place if self.uses else None
        if use is not None and use.source not in self.library_sources:
            label = Label(use, "for this use")
            if all(other.span != use for other in (found.place, *found.labels)):
                found = replace(found, labels=(*found.labels, label))
        self.add(found)

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a message unless one just like it at the same place is there."""
        said = (diagnostic.code, diagnostic.message, diagnostic.place)
        if said in self._said:
            return
        self._said.add(said)
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) == MAX_ERRORS and diagnostic.place is not None:
            raise Exhausted(
                "E0003",
                f"there are {MAX_ERRORS} errors up to here: what follows is not looked"
                " at",
                diagnostic.place.span,
            )

    @property
    def has_errors(self) -> bool:
        """Whether any message is an error."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    def step(self, node: tree.Expression) -> None:
        """Count one more expression; raises `Exhausted` at the limit."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted(
                "E0003",
                f"the program takes more than {MAX_STEPS:,} steps to compile",
                node.span,
                hint="a loop here may have more turns than was meant",
            )

    @contextmanager
    def entering(
        self,
        place: Span,
        operands: tuple[Value, ...] = (),
        frame: Frame | None = None,
        given: Mapping[str, Span] = NOTHING_GIVEN,
    ) -> Iterator[None]:
        """Inside of a call at `place`; a problem in the library is one of the use."""
        if len(self.uses) >= MAX_DEPTH:
            raise Problem(
                "E0003",
                f"blocks and functions are nested more than {MAX_DEPTH} deep here",
                place,
                hint="there is no recursion; a repetition is a loop",
            )
        use = Use(place, operands, frame, given)
        self.uses.append(use)
        try:
            yield
        except Exhausted:
            raise
        except Problem as problem:
            found = problem.diagnostic
            assert found.place is not None
            if found.place.span.source in self.library_sources:
                raise use.retold(problem, self.library_sources) from None
            raise
        finally:
            self.uses.pop()

    def at_use(self, problem: Problem, position: int) -> Problem:
        """A problem with an input, placed where the block is used."""
        found = problem.diagnostic
        assert found.place is not None
        if not self.uses:
            return problem
        use = self.uses[-1]
        hint = found.hint
        for name, span in use.given.items():
            hint = in_terms(hint, name, span)
        at_use = Problem(
            found.code,
            found.message,
            use.place,
            labels=(found.place, *found.labels),
            hint=hint,
        )
        use.explain(at_use, position)
        return at_use

    # --- Calls -----------------------------------------------------------------------

    def apply_function(
        self,
        function: NamedFunction,
        values: dict[str, Any],
        span: Span,
        place: Span,
        frame: Frame,
        spans: Mapping[str, Span],
    ) -> Any:
        """Call a declared function on tensors: a module of its own."""
        declaration = function.declaration
        tensors = {n: v for n, v in values.items() if isinstance(v, Value)}
        arguments = {n: v for n, v in values.items() if n not in tensors}
        operands = tuple(tensors.values())
        with self.entering(place, operands, frame, spans):
            done = specialise(
                self,
                declaration,
                function.scope,
                Kind.FUNCTION,
                arguments,
                tuple(operand.type for operand in operands),
                tuple(tensors),
                mixes_scalars=frame.mixes_scalars,
                bounds=frame.bounds,
            )
        if done.module.instances:
            layer = done.module.instances[0]
            raise Problem(
                "E0312",
                f"`{declaration.name.name}` is a function and owns no layer, such as"
                f" `{layer.module.definition}`",
                layer.span,
                hint="write it as a `block` with an input",
            )
        results = self._call(done, None, operands, arguments, span, frame)
        return results[0] if done.is_single else results

    def apply_layer(
        self, layer: Layer, given: list[Given], span: Span, place: Span, frame: Frame
    ) -> Any:
        """Apply a layer to tensors: a call of its instance."""
        declaration = layer.block.declaration
        name = declaration.name.name
        if layer.frame is not frame:
            raise Problem(
                "E0314",
                f"`{name}` is a layer of another block",
                place,
                labels=(Label(layer.span, "made here"),),
                hint="give the layer itself to the block, as an argument",
            )
        inputs = [s.name.name for s in declaration.body if isinstance(s, tree.Input)]
        bound = _bind_inputs(layer, inputs, given, place)
        ordered = [bound[n] for n in inputs]
        for argument in ordered:
            if not isinstance(argument.value, Value):
                several = isinstance(argument.value, tuple)
                raise Problem(
                    "E0310",
                    f"`{name}` is applied to tensors, not to"
                    f" {describe(argument.value)}",
                    argument.span,
                    hint="give each a name: `a, b = …`" if several else None,
                )
        operands = tuple(argument.value for argument in ordered)
        spans = {**layer.given, **{n: a.span for n, a in bound.items()}}
        with self.entering(place, operands, frame, spans):
            done = specialise(
                self,
                declaration,
                layer.block.scope,
                Kind.MODEL if declaration.is_model else Kind.BLOCK,
                dict(layer.arguments),
                tuple(operand.type for operand in operands),
                bounds=frame.bounds,
            )
        if layer.instance is None:
            layer.outer = outer_values(
                given_arguments(layer.arguments),
                done.sources,
                tuple(operand.type for operand in operands),
            )
        self._instantiate(layer, done.module, span, place, frame)
        results = self._call(
            done, layer.instance, operands, layer.arguments, span, frame
        )
        return results[0] if len(results) == 1 else results

    def _instantiate(
        self, layer: Layer, module: Module, span: Span, place: Span, frame: Frame
    ) -> None:
        """Make the instance of a layer when it is first applied."""
        if layer.given_to is not None:
            raise _has_owner(layer, place)
        if layer.instance is None:
            for _, inner in layers_in("", list(layer.arguments.values())):
                if inner.instance is not None or inner.given_to is not None:
                    raise _has_owner(inner, place)
                inner.given_to = layer
            kind = snake_case(layer.block.declaration.name.name)
            layer.instance = layer.name or frame.name_layer(layer, kind)
            taken = frame.instances.get(layer.instance)
            if taken is not None:
                raise Problem(
                    "E0202",
                    f"two layers are called `{layer.instance}`",
                    place,
                    labels=(Label(taken.span, "the other one"),),
                    hint='in a loop the name says which: `as "layer{i}"`',
                )
            if layer.instance in frame.parameters or layer.instance in frame.states:
                raise Problem(
                    "E0202",
                    f"`{layer.instance}` is the name of a parameter or state here",
                    place,
                    hint="call the layer otherwise by `as`",
                )
            frame.instances[layer.instance] = Instance(
                layer.instance, module, given_arguments(layer.arguments), span
            )
            return
        first = frame.instances[layer.instance]
        if [(p.name, p.type) for p in first.module.parameters] != [
            (p.name, p.type) for p in module.parameters
        ]:
            before = Label(first.span, f"first used here: {_owned(first.module)}")
            raise Problem(
                "E0304",
                f"`{layer.instance}` is used twice with inputs that need different"
                " parameters",
                place,
                at=f"here: {_owned(module)}",
                labels=(before,),
                hint="make a layer for each",
            )

    def _call(
        self,
        done: Specialised,
        instance: str | None,
        operands: tuple[Value, ...],
        arguments: Mapping[str, Any],
        span: Span,
        frame: Frame,
    ) -> tuple[Value, ...]:
        module = done.module
        given = given_arguments(arguments)
        outer = outer_values(
            given, done.sources, tuple(operand.type for operand in operands)
        )
        types = tuple(translate_type(o.type, outer) for o in module.outputs)
        return frame.call(module, instance, operands, given, types, span)

    def layer_attribute(self, layer: Layer, node: tree.Attribute, frame: Frame) -> Any:
        """`embed.weight`: a parameter of a layer that was applied before."""
        name = layer.hint or layer.name or layer.block.declaration.name.name
        if layer.frame is not frame:
            raise Problem(
                "E0314",
                f"`{name}` is a layer of another block",
                node.span,
                labels=(Label(layer.span, "made here"),),
            )
        if layer.instance is None:
            raise Problem(
                "E0208",
                f"the sizes of `{node.span.text}` are known once `{name}` is applied",
                node.span,
                labels=(Label(layer.span, "made here, and not applied yet"),),
                hint=f"apply it above: `{name}(x)`, or `x -> {name}`",
            )
        module = frame.instances[layer.instance].module
        known = {parameter.name: parameter for parameter in module.parameters}
        if node.name not in known:
            states = [state.name for state in module.states]
            inner = [instance.name for instance in module.instances]
            hint = did_you_mean(node.name, list(known))
            if node.name in states:
                hint = "it is a state, which its own block alone reads"
            elif node.name in inner:
                hint = "it is a layer inside of it: the block could output what it uses"
            raise Problem(
                "E0208",
                f"`{name}` has no parameter `{node.name}`",
                node.span,
                hint=hint or (known and f"it has {listing(list(known))}") or None,
            )
        type_ = translate_type(known[node.name].type, dict(layer.outer))
        borrowed = Borrowed(layer.instance, node.name, type_)
        frame.borrowed[borrowed.name] = borrowed
        return frame.owned(borrowed.name, type_)

    # --- Values ----------------------------------------------------------------------

    def cast_number(self, value: Any, dtype: Any, span: Span, frame: Frame) -> Value:
        """`cast(number, dtype)`: a tensor of a compile-time number."""
        if not isinstance(dtype, DType):
            raise Problem("E0310", f"`cast` needs a dtype, not {describe(dtype)}", span)
        if isinstance(value, Dim):
            return frame.apply("dimension", (), {"size": value, "dtype": dtype}, span)
        if is_number(value) or isinstance(value, bool):
            if not dtype.is_float and not math.isfinite(value):
                raise Problem("E0310", f"{value} is no {dtype}", span)
            return number(value, dtype, span, frame)
        raise Problem("E0310", f"`cast` needs a tensor, not {describe(value)}", span)


def _owned(module: Module) -> str:
    """The parameters of a module, for messages."""
    shown = [f"{p.name} {p.type}" for p in module.parameters[:3]]
    return ", ".join(shown) + " …" * (len(module.parameters) > 3)


def _bind_inputs(
    layer: Layer, inputs: list[str], given: list[Given], place: Span
) -> dict[str, Given]:
    """The tensors by the inputs that they are given for."""
    name = layer.block.declaration.name.name
    missing = inputs[len(given) :]
    if missing and all(argument.name is None for argument in given):
        made = name if layer.hint is None else layer.hint
        arguments = "…" if layer.block.declaration.parameters else ""
        call = made if layer.hint is not None else f"{name}({arguments})"
        raise Problem(
            "E0204",
            f"`{name}` has the inputs {listing(inputs)}, and nothing is given for"
            f" {listing(missing)}",
            place,
            hint=f"give all of them: `{call}({', '.join(inputs)})`",
        )
    if len(given) > len(inputs):
        count = "one input" if len(inputs) == 1 else f"{len(inputs)} inputs"
        raise Problem(
            "E0204",
            f"`{name}` has {count}, {len(given)} were given",
            given[len(inputs)].span,
        )
    return bind(name, [Wanted(n) for n in inputs], given, place)


def _has_owner(layer: Layer, place: Span) -> Problem:
    name = layer.hint or layer.name or layer.block.declaration.name.name
    return Problem(
        "E0314",
        f"the layer `{name}` is used in two places that would both own it",
        place,
        labels=(Label(layer.span, "made here"),),
        hint="a layer given to a block belongs to that block: make one for each",
    )


def snake_case(name: str) -> str:
    """`BatchNorm` as `batch_norm`; a run of capitals is one word, `PReLU` another."""
    name = name.replace("ReLU", "relu")
    parts: list[str] = []
    for i, c in enumerate(name):
        after = name[i + 1] if i + 1 < len(name) else ""
        before = name[i - 1] if i else "_"
        starts = c.isupper() and (not before.isupper() or after.islower())
        if starts and before != "_":
            parts.append("_")
        parts.append(c.lower())
    return "".join(parts)
