"""One pass over a module's body."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlmc.ir.binding import BindingError, Pair, argument_pairs, bind
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Body, Call, Module, Value
from dlmc.ir.traced import plain
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY, Primitive
from dlmc.primitives.arrays import Array, np, numpy_dtype


def _last_uses(body: Body) -> list[list[str]]:
    """For each operation the values that nothing needs after it."""
    needed = {value.name for value in body.outputs}
    needed |= {value.name for _, value in body.updates}
    done: list[list[str]] = []
    for operation in reversed(body.operations):
        names = {value.name for value in (*operation.operands, *operation.results)}
        done.append([*(names - needed)])
        needed |= names
    return done[::-1]


class InterpreterError(Exception):
    """Arrays that a module cannot take, or an operation that failed on them."""


class Evaluator:
    """Evaluates modules on arrays.

    Weights go by full dotted name. A state that one use of an instance changed is seen
    changed by the next: `updates` stands before `weights`.
    """

    def __init__(
        self,
        weights: Mapping[str, Array],
        *,
        training: bool,
        rng: "np.random.Generator",
        precise: bool = False,
    ) -> None:
        self.weights = weights
        self.updates: dict[str, Array] = {}
        self.training = training
        self.rng = rng
        self.precise = precise

    def evaluate(
        self,
        module: Module,
        operands: Sequence[Array],
        arguments: Mapping[str, Any],
        prefix: str = "",
    ) -> tuple[Array, ...]:
        """The outputs of a module on operands in the order of its inputs.

        `arguments` are its compile-time arguments as its caller gave them, with known
        sizes; `prefix` is the full name of the instance, with a dot.
        """
        sizes = self._sizes(module, operands, arguments)
        values = {
            value.name: operand
            for value, operand in zip(module.inputs, operands, strict=True)
        }
        parameters = [parameter.name for parameter in module.parameters]
        for owned in (*parameters, *(state.name for state in module.states)):
            name = prefix + owned
            values[owned] = self.updates.get(name, self.weights[name])
        for borrowed in module.borrowed:
            values[borrowed.name] = self.weights[prefix + borrowed.name]
        body = module.body(self.training)
        for operation, done in zip(body.operations, _last_uses(body), strict=True):
            given = tuple(values[operand.name] for operand in operation.operands)
            try:
                if isinstance(operation, Apply):
                    results: tuple[Array, ...] = (self._apply(operation, given, sizes),)
                else:
                    results = self._call(operation, given, sizes, prefix)
                for result, array in zip(operation.results, results, strict=True):
                    self._check(result, array, sizes)
                    values[result.name] = array
            except (ArithmeticError, IndexError, ValueError, BindingError) as error:
                raise InterpreterError(f"{operation.span}: {error}") from error
            for name in done:
                del values[name]
        for name, value in body.updates:
            self.updates[prefix + name] = values[value.name]
        return tuple(values[output.name] for output in body.outputs)

    def shape(self, array: Array) -> tuple[int, ...]:
        """The shape of a value."""
        return tuple(array.shape)

    def primitive(
        self,
        primitive: Primitive,
        operands: tuple[Array, ...],
        attributes: dict[str, Any],
    ) -> Array:
        """Apply a primitive."""
        if "rng" in primitive.supplied:
            attributes = {**attributes, "rng": self.rng}
        elif primitive.supplied:
            raise ValueError(f"{primitive.name} stands in the fields of data alone")
        return np.asarray(primitive.reference(*operands, **attributes))

    def dtype(self, dtype: DType) -> DType:
        """The dtype that stands for another: f64 for every float where precise."""
        return DType.F64 if self.precise and dtype.is_float else dtype

    def concrete(self, value: Any, sizes: Mapping[str, Size]) -> Any:
        """A compile-time value with its sizes known."""
        match value:
            case Dim():
                try:
                    return value.substitute(sizes.__getitem__)
                except KeyError as error:
                    raise ValueError(f"nothing says what {error.args[0]} is") from None
            case DType():
                return self.dtype(value)
            case tuple() | list():
                return type(value)(self.concrete(item, sizes) for item in value)
        return plain(value)

    def _apply(
        self, operation: Apply, operands: tuple[Array, ...], sizes: Mapping[str, Size]
    ) -> Array:
        attributes = {
            name: self.concrete(value, sizes)
            for name, value in operation.attributes.items()
        }
        return self.primitive(REGISTRY[operation.primitive], operands, attributes)

    def _call(
        self,
        call: Call,
        operands: tuple[Array, ...],
        sizes: Mapping[str, Size],
        prefix: str,
    ) -> tuple[Array, ...]:
        if call.instance is not None:
            prefix = f"{prefix}{call.instance}."
        arguments = {
            name: self.concrete(value, sizes) for name, value in call.arguments.items()
        }
        return self.evaluate(call.module, operands, arguments, prefix)

    def _sizes(
        self, module: Module, operands: Sequence[Array], arguments: Mapping[str, Any]
    ) -> dict[str, Size]:
        pairs = [
            Pair(declared, actual, f"axis {axis} of {value.name}")
            for value, operand in zip(module.inputs, operands, strict=True)
            for axis, (declared, actual) in enumerate(
                zip(value.type.shape, self.shape(operand), strict=True)
            )
        ]
        for name, declared in module.arguments.items():
            pairs.extend(argument_pairs(declared, arguments.get(name), name))
        sizes = bind(pairs)
        for name, bound in module.bounds.items():
            most = self.concrete(bound, sizes)
            if name in sizes and sizes[name] > most:
                raise BindingError(f"{name} is {sizes[name]}, more than {most}")
        return sizes

    def _check(self, value: Value, array: Array, sizes: Mapping[str, Size]) -> None:
        """That a result has the type that the module says: else the compiler erred."""
        wanted = self.array_type(value.type, sizes)
        if (array.dtype, self.shape(array)) != wanted:
            raise AssertionError(
                f"{value}: {value.type} came out as {array.dtype}{self.shape(array)}"
            )

    def array_type(
        self, type_: TensorType, sizes: Mapping[str, Size]
    ) -> tuple[Any, tuple[int, ...]]:
        """The NumPy dtype and the shape of a type."""
        shape: tuple[int, ...] = self.concrete(type_.shape, sizes)
        return numpy_dtype(self.dtype(type_.dtype)), shape
