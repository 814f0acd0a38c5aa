"""Padding as Keras has it: none, or "same"; any other is an operation of its own.

Where a native with padding is called, this pass decides which it is, in the caller's
terms: a number that the block's arguments decide may be another one elsewhere, and
"same" is the same as no other padding for every image where there is a stride.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dlmc.backends.tensorflow.windows import keras_padding, lowest, pad_widths
from dlmc.ir.module import Apply, Body, Call, Instance, Module, Operation, Value
from dlmc.ir.traced import plain

PADDED: Mapping[str, bool] = {
    "Conv": False,
    "DepthwiseConv": False,
    "max_pool": True,
    "avg_pool": False,
}
"""Natives with padding, and whether it is of the lowest number, not of zeros."""


class PaddingPass:
    """Rewrites modules that are laid out already; each is rewritten once."""

    def __init__(self, is_native: Callable[[Module], bool]) -> None:
        self.is_native = is_native
        self._made: dict[Module, Module] = {}
        self._natives: dict[tuple[Module, str], Module] = {}

    def padded(self, module: Module) -> Module:
        """A module whose calls of natives are padded as Keras does, or not at all."""
        if module not in self._made:
            self._made[module] = self._rewritten(module)
        return self._made[module]

    def _rewritten(self, module: Module) -> Module:
        if self.is_native(module):
            return module
        used: dict[str, Call] = {}
        inference = self._body(module.inference, used)
        training = inference
        if module.training is not module.inference:
            training = self._body(module.training, used)
        instances = tuple(
            self._instance(instance, used.get(instance.name))
            for instance in module.instances
        )
        if (inference, training, instances) == (
            module.inference,
            module.training,
            module.instances,
        ):
            return module
        return replace(
            module, inference=inference, training=training, instances=instances
        )

    def _instance(self, instance: Instance, call: Call | None) -> Instance:
        if call is None:
            return replace(instance, module=self.padded(instance.module))
        return replace(instance, module=call.module, arguments=call.arguments)

    def _body(self, body: Body, used: dict[str, Call]) -> Body:
        names = {value.name for op in body.operations for value in op.results}
        operations: list[Operation] = []
        for operation in body.operations:
            if isinstance(operation, Call):
                operation = self._call(operation, names, operations)
                if operation.instance is not None:
                    used.setdefault(operation.instance, operation)
            operations.append(operation)
        made = replace(body, operations=tuple(operations))
        return body if made == body else made

    def _call(self, call: Call, names: set[str], before: list[Operation]) -> Call:
        module = call.module
        if not self.is_native(module) or module.definition not in PADDED:
            return replace(call, module=self.padded(module))
        call, padding = _with_padding(call, names, before)
        key = (module, padding)
        if key not in self._natives:
            own = {**module.arguments, "padding": padding}
            self._natives[key] = replace(module, arguments=own)
        return replace(
            call,
            module=self._natives[key],
            arguments={**call.arguments, "padding": padding},
        )


def _with_padding(
    call: Call, names: set[str], before: list[Operation]
) -> tuple[Call, str]:
    """The call, on an operand that is padded where it must be, and Keras's padding."""
    (x,) = call.operands
    rank = x.type.rank - 2
    given = call.arguments["padding"]
    if isinstance(given, str):
        return call, given
    pairs = [
        (entry[0], entry[1]) if isinstance(entry, list | tuple) else (entry, entry)
        for entry in _per_axis(given, rank)
    ]
    kernel, stride, dilation = (
        _per_axis(call.arguments.get(name, 1), rank)
        for name in ("size", "stride", "dilation")
    )
    is_mean = call.module.definition == "avg_pool"
    counts = is_mean and call.arguments["count_padding"]
    if is_mean and not counts:
        # Zeros around it would count: it is a native for the padding that Keras has.
        kernel, stride, pairs = plain((kernel, stride, pairs))
    padding = keras_padding(kernel, stride, dilation, pairs)
    if counts and padding == "same":  # which counts in Keras no more than elsewhere
        padding = None
    if padding is not None:
        return call, padding
    value = lowest(x.type.dtype) if PADDED[call.module.definition] else 0.0
    low, high = zip(*pad_widths(pairs), strict=True)
    shape = tuple(
        size + first + last
        for size, first, last in zip(x.type.shape, low, high, strict=True)
    )
    result = Value(_fresh(names), replace(x.type, shape=shape))
    attributes = {"low": low, "high": high, "value": value}
    before.append(Apply("pad", (x,), attributes, result, call.span))
    return replace(call, operands=(result,)), "valid"


def _fresh(names: set[str]) -> str:
    number = len(names) + 1
    while str(number) in names:
        number += 1
    names.add(str(number))
    return str(number)


def _per_axis(value: Any, rank: int) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,) * rank
