"""W0303: a bias that the normalisation after it takes off again.

The normalisation subtracts the mean of each channel, and the bias with it: the result
does not depend on the bias, and its gradient is zero.
"""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.grammar.span import Span
from dlmc.ir.module import Call, Module
from dlmc.lint.subject import Subject
from dlmc.lint.warning import warning
from dlmc.lint.wiring import is_library

CONVOLUTIONS = ("Conv", "ConvTranspose", "DepthwiseConv", "SeparableConv")
"""Layers with a bias for each channel, the second axis."""
NORMALISATIONS = ("BatchNorm", "InstanceNorm")
"""Layers that take off the mean of each channel."""

Taker = tuple[Call | None, int] | None
"""Who takes a value alone: a call by its input's position, or (None, i) for output i;
None where it is not one."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Biases before a normalisation, wherever the layer with the bias is applied."""
    search = _Search(subject)
    first: dict[Span, tuple[Call, Call | None]] = {}
    spans: dict[tuple[int, str | None], set[Span]] = {}
    useful: set[Span] = set()
    for module in subject.own_modules:
        for call in module.training.operations:
            if not isinstance(call, Call) or not _has_bias(call):
                continue
            norm = search.normalisation(module, call.results[0].name)
            first.setdefault(call.span, (call, norm))
            spans.setdefault((id(module), call.instance), set()).add(call.span)
            # A file that is used may be used by other programs, too.
            is_here = call.span.source == subject.file.span.source
            if norm is None or not (is_here or search.is_next(module, call, norm)):
                useful.add(call.span)
    count = -1
    while count != len(useful):
        count = len(useful)
        for places in spans.values():
            # One layer applied at two places has one bias.
            if places & useful:
                useful |= places
    for span, (call, norm) in first.items():
        if norm is None or span in useful:
            continue
        name, other = call.module.definition, norm.module.definition
        yield warning(
            "W0303",
            f"the bias of `{name}` has no effect before `{other}`",
            subject.place(call),
            labels=(Label(subject.place(norm), "takes off the mean, bias and all"),),
            hint=f"`{name}(…, bias = false)`",
        )


def _has_bias(call: Call) -> bool:
    """Whether it adds a bias along the second axis, the one of the channels."""
    if call.arguments.get("bias") is not True:
        return False
    is_dense = is_library(call, "Dense") and call.operands[0].type.rank == 2
    return is_dense or is_library(call, *CONVOLUTIONS)


class _Search:
    """Follows values to the one operation that takes them."""

    def __init__(self, subject: Subject) -> None:
        modules = subject.own_modules
        self._takers = {id(module): _takers(module) for module in modules}
        self._entering: dict[tuple[int, int], Call | None] = {}
        self._leaving: dict[tuple[int, int], list[Call | None]] = {}
        for module in modules:  # callees first
            for i, value in enumerate(module.inputs):
                self._entering[id(module), i] = self._inside(module, value.name)
        called: set[int] = set()
        for module in reversed(modules):  # callers first
            for call in module.training.operations:
                if not isinstance(call, Call) or call.module.is_library:
                    continue
                called.add(id(call.module))
                for i, result in enumerate(call.results):
                    leaving = self._leaving.setdefault((id(call.module), i), [])
                    leaving.append(self.normalisation(module, result.name))

    def is_next(self, module: Module, call: Call, norm: Call) -> bool:
        """Whether a normalisation takes the result of a call in the same module."""
        taker = self._takers[id(module)].get(call.results[0].name)
        return taker is not None and taker[0] is norm

    def _inside(self, module: Module, name: str) -> Call | None:
        """The normalisation that alone takes a value, here or in a block called."""
        taker = self._takers[id(module)].get(name)
        if taker is None:
            return None
        call, position = taker
        if call is None or is_library(call, *NORMALISATIONS):
            return call
        return self._entering.get((id(call.module), position))

    def normalisation(self, module: Module, name: str) -> Call | None:
        """The same, or of those that take the module's output, if all do, the first."""
        taker = self._takers[id(module)].get(name)
        if taker is None or taker[0] is not None:
            return self._inside(module, name)
        after = self._leaving.get((id(module), taker[1]), [])
        return None if None in after or not after else after[0]


def _takers(module: Module) -> dict[str, Taker]:
    """Who takes each value of a module, where it is one alone."""
    found: dict[str, Taker] = {}

    def take(name: str, taker: Taker) -> None:
        found[name] = None if name in found else taker

    for operation in module.training.operations:
        for i, operand in enumerate(operation.operands):
            take(operand.name, (operation, i) if isinstance(operation, Call) else None)
    for i, output in enumerate(module.training.outputs):
        take(output.name, (None, i))
    for _, value in module.training.updates:
        take(value.name, None)
    return found
