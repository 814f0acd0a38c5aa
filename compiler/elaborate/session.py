"""What one elaboration shares: messages, the stack of uses, finished modules."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dlmc.diagnostics import Diagnostic, Label, Severity
from dlmc.elaborate.arguments import Given, Wanted, bind
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.operators import number
from dlmc.elaborate.problems import Problem, did_you_mean
from dlmc.elaborate.specialise import Specialised, specialise
from dlmc.elaborate.types import outer_values, translate_type
from dlmc.elaborate.values import Layer, NamedFunction, describe, is_number
from dlmc.grammar import tree
from dlmc.grammar.span import Source, Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Instance, Kind, Module, Value
from dlmc.ir.types import DType


@dataclass(frozen=True, slots=True)
class Use:
    """A call that elaboration is inside of."""

    place: Span


class Session:
    """The state of one elaboration, from its sources to its program."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.uses: list[Use] = []
        self.finished: dict[Any, Specialised | None] = {}
        self.in_progress: list[tree.Node] = []
        self.library_sources: set[Source] = set()

    # --- Messages --------------------------------------------------------------------

    def report(self, problem: Problem) -> None:
        """Add a message, once, and from which use it comes."""
        found = problem.diagnostic
        assert found.place is not None
        use = self.uses[-1].place if self.uses else None
        if use is not None and use.source not in self.library_sources:
            label = Label(use, "for this use")
            if all(other.span != use for other in (found.place, *found.labels)):
                found = Diagnostic(
                    found.code,
                    found.message,
                    found.place,
                    (*found.labels, label),
                    found.hint,
                    found.severity,
                )
        self.add(found)

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a message unless one just like it at the same place is there."""
        for other in self.diagnostics:
            same = (other.code, other.message) == (diagnostic.code, diagnostic.message)
            if same and other.place == diagnostic.place:
                return
        self.diagnostics.append(diagnostic)

    @property
    def has_errors(self) -> bool:
        """Whether any message is an error."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    @contextmanager
    def entering(self, place: Span) -> Iterator[None]:
        """Inside of a call at `place`; a problem in the library is one of the use."""
        self.uses.append(Use(place))
        try:
            yield
        except Problem as problem:
            found = problem.diagnostic
            assert found.place is not None
            if found.place.span.source in self.library_sources:
                labels = tuple(
                    label
                    for label in found.labels
                    if label.span.source not in self.library_sources
                )
                message = found.message
                if place.source not in self.library_sources:
                    message = f"in `{place.text}`: {message}"
                raise Problem(
                    found.code, message, place, labels=labels, hint=found.hint
                ) from None
            raise
        finally:
            self.uses.pop()

    def at_use(self, problem: Problem) -> Problem:
        """A problem with an input, placed where the block is used."""
        found = problem.diagnostic
        assert found.place is not None
        if not self.uses:
            return problem
        return Problem(
            found.code,
            found.message,
            self.uses[-1].place,
            labels=(found.place, *found.labels),
            hint=found.hint,
        )

    def unknown_name(self, node: tree.Name, known: list[str]) -> Problem:
        """A name without a meaning."""
        elsewhere = NAMES.get(node.name)
        if elsewhere in known:
            return Problem(
                "E0206",
                f"`{node.name}` is called `{elsewhere}` here",
                node.span,
            )
        return Problem(
            "E0201",
            f"there is no `{node.name}`",
            node.span,
            hint=did_you_mean(node.name, known),
        )

    # --- Calls -----------------------------------------------------------------------

    def apply_function(
        self,
        function: NamedFunction,
        values: dict[str, Any],
        span: Span,
        place: Span,
        frame: Frame,
    ) -> Any:
        """Call a declared function on tensors: a module of its own."""
        declaration = function.declaration
        tensors = {n: v for n, v in values.items() if isinstance(v, Value)}
        arguments = {n: v for n, v in values.items() if n not in tensors}
        operands = tuple(tensors.values())
        with self.entering(place):
            done = specialise(
                self,
                declaration,
                function.scope,
                Kind.FUNCTION,
                arguments,
                tuple(operand.type for operand in operands),
                tuple(tensors),
                mixes_scalars=frame.mixes_scalars,
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
                "E0004",
                f"a layer made elsewhere cannot be applied here yet: `{name}`",
                place,
                labels=(Label(layer.span, "made here"),),
            )
        inputs = [s.name.name for s in declaration.body if isinstance(s, tree.Input)]
        bound = bind(name, [Wanted(n) for n in inputs], given, place)
        ordered = [bound[n] for n in inputs]
        for argument in ordered:
            if not isinstance(argument.value, Value):
                raise Problem(
                    "E0310",
                    f"`{name}` is applied to tensors, not to"
                    f" {describe(argument.value)}",
                    argument.span,
                )
        operands = tuple(argument.value for argument in ordered)
        with self.entering(place):
            done = specialise(
                self,
                declaration,
                layer.block.scope,
                Kind.MODEL if declaration.is_model else Kind.BLOCK,
                dict(layer.arguments),
                tuple(operand.type for operand in operands),
            )
        self._instantiate(layer, done.module, span, place, frame)
        results = self._call(
            done, layer.instance, operands, dict(layer.arguments), span, frame
        )
        return results[0] if len(results) == 1 else results

    def _instantiate(
        self, layer: Layer, module: Module, span: Span, place: Span, frame: Frame
    ) -> None:
        """Make the instance of a layer when it is first applied."""
        if layer.instance is None:
            kind = snake_case(layer.block.declaration.name.name)
            layer.instance = layer.name or frame.name_layer(
                layer.hint, kind, layer.span
            )
            taken = frame.instances.get(layer.instance)
            if taken is not None:
                raise Problem(
                    "E0202",
                    f"two layers are called `{layer.instance}`",
                    place,
                    labels=(Label(taken.span, "the other one"),),
                    hint='in a loop the name says which: `as "layer{i}"`',
                )
            if layer.instance in {**frame.parameters, **frame.states}:
                raise Problem(
                    "E0202",
                    f"`{layer.instance}` is the name of a parameter or state here",
                    place,
                )
            frame.instances[layer.instance] = Instance(
                layer.instance, module, dict(layer.arguments), span
            )
            return
        first = frame.instances[layer.instance].module
        if [(p.name, p.type) for p in first.parameters] != [
            (p.name, p.type) for p in module.parameters
        ]:
            raise Problem(
                "E0304",
                f"`{layer.instance}` is used twice with inputs that need different"
                " parameters",
                place,
                labels=(
                    Label(frame.instances[layer.instance].span, "first used here"),
                ),
            )

    def _call(
        self,
        done: Specialised,
        instance: str | None,
        operands: tuple[Value, ...],
        arguments: dict[str, Any],
        span: Span,
        frame: Frame,
    ) -> tuple[Value, ...]:
        module = done.module
        outer = outer_values(
            arguments, done.sources, tuple(operand.type for operand in operands)
        )
        types = tuple(translate_type(o.type, outer) for o in module.outputs)
        return frame.call(module, instance, operands, arguments, types, span)

    def layer_attribute(self, layer: Layer, node: tree.Attribute, frame: Frame) -> Any:
        """`embed.weight`."""
        raise Problem(
            "E0004", "a layer's parameters cannot be read elsewhere yet", node.span
        )

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


def snake_case(name: str) -> str:
    """`BatchNorm` as `batch_norm`; a run of capitals is one word."""
    parts: list[str] = []
    for i, c in enumerate(name):
        after = name[i + 1] if i + 1 < len(name) else ""
        before = name[i - 1] if i else "_"
        starts = c.isupper() and (not before.isupper() or after.islower())
        if starts and before != "_":
            parts.append("_")
        parts.append(c.lower())
    return "".join(parts)
