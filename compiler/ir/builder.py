"""Primitives written as arithmetic: what passes and gradients make operations with.

b = Builder(span)
x = b.term(value)
y = b.tanh(x) * 2
b.operations                # tanh, constant, mul
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Apply, Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value with operators: `+ - * /`, unary `-`, `< <= > >=`, `& | ~` of bools.

    The other operand is a term, or a number, which becomes a constant of the same
    dtype. `==` compares the objects; values are compared by `builder.equal`.
    """

    builder: "Builder"
    value: Value

    @property
    def type(self) -> TensorType:
        """Dtype and shape."""
        return self.value.type

    @property
    def dtype(self) -> DType:
        """The dtype."""
        return self.value.type.dtype

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape; sizes may be symbolic."""
        return self.value.type.shape

    @property
    def rank(self) -> int:
        """The number of axes."""
        return self.value.type.rank

    def __add__(self, other: "Operand") -> "Term":
        return self.builder.apply("add", self, other)

    def __radd__(self, other: "Operand") -> "Term":
        return self.builder.apply("add", other, self)

    def __sub__(self, other: "Operand") -> "Term":
        return self.builder.apply("sub", self, other)

    def __rsub__(self, other: "Operand") -> "Term":
        return self.builder.apply("sub", other, self)

    def __mul__(self, other: "Operand") -> "Term":
        return self.builder.apply("mul", self, other)

    def __rmul__(self, other: "Operand") -> "Term":
        return self.builder.apply("mul", other, self)

    def __truediv__(self, other: "Operand") -> "Term":
        return self.builder.apply("div", self, other)

    def __rtruediv__(self, other: "Operand") -> "Term":
        return self.builder.apply("div", other, self)

    def __neg__(self) -> "Term":
        return self.builder.apply("neg", self)

    def __lt__(self, other: "Operand") -> "Term":
        return self.builder.apply("less", self, other)

    def __le__(self, other: "Operand") -> "Term":
        return self.builder.apply("less_equal", self, other)

    def __gt__(self, other: "Operand") -> "Term":
        return self.builder.apply("greater", self, other)

    def __ge__(self, other: "Operand") -> "Term":
        return self.builder.apply("greater_equal", self, other)

    def __and__(self, other: "Term") -> "Term":
        return self.builder.apply("and", self, other)

    def __or__(self, other: "Term") -> "Term":
        return self.builder.apply("or", self, other)

    def __invert__(self) -> "Term":
        return self.builder.apply("not", self)


Operand: TypeAlias = Term | int | float
"""What stands in arithmetic: a term, or a number beside one."""

NEUTRAL = {"add": (None, 0), "sub": (None, 0), "mul": (1, 1), "div": (None, 1)}
"""By operator the number on each side that leaves the other operand as it is."""


@dataclass(slots=True)
class Builder:
    """Collects operations, each once.

    A primitive is a method of its name, with attributes as in DLM: `b.matmul(x, y)`,
    `b.sum(x, axis=[0])`. What is there already is not computed again, and what changes
    nothing (`x * 1`, a transposition to the same order) is left out.
    """

    span: Span
    """The place in the source that the next operations come from."""
    taken: Container[str] = ()
    """Names that other values of the body have."""
    operations: list[Apply] = field(default_factory=list)
    _makers: dict[str, Apply] = field(default_factory=dict)
    """The operation that a value comes from, by the value's name."""
    _made: dict[Any, Value] = field(default_factory=dict)
    """The result of each operation that is there, by what it does."""
    _count: int = 0

    def term(self, value: Value) -> Term:
        """A value of the body as a term."""
        return Term(self, value)

    def know(self, operation: Apply) -> None:
        """Note an operation that the body has anyway."""
        self._makers[operation.result.name] = operation
        if not REGISTRY[operation.primitive].supplied:
            key = _key(operation.primitive, operation.operands, operation.attributes)
            self._made.setdefault(key, operation.result)

    def __getattr__(self, name: str) -> Callable[..., Term]:
        if name not in REGISTRY:
            raise AttributeError(f"there is no primitive {name}")

        def applied(*operands: Operand, **attributes: Any) -> Term:
            return self.apply(name, *operands, **attributes)

        return applied

    def apply(self, primitive: str, /, *operands: Operand, **attributes: Any) -> Term:
        """A primitive on operands: a number takes the dtype of those that are terms.

        Raises:
            Fault: where the use has no meaning, which is a mistake of the compiler.
        """
        terms = self._terms(operands)
        values = tuple(term.value for term in terms)
        types = tuple(value.type for value in values)
        definition = REGISTRY[primitive]
        normal = definition.normalize(types, attributes)
        type_ = definition.infer(types, normal)
        same = self._unchanged(primitive, terms, normal, type_)
        if same is not None:
            return same
        key = _key(primitive, values, normal)
        if key not in self._made or definition.supplied:
            operation = Apply(
                primitive, values, normal, Value(self._name(), type_), self.span
            )
            self.operations.append(operation)
            self.know(operation)
            return self.term(operation.result)
        return self.term(self._made[key])

    def constant(self, value: int | float | bool, dtype: DType) -> Term:
        """A scalar."""
        return self.apply("constant", value=value, dtype=dtype)

    def full(self, value: int | float | bool, type_: TensorType) -> Term:
        """A tensor of one number."""
        return self.apply(
            "broadcast", self.constant(value, type_.dtype), shape=type_.shape
        )

    def size(self, size: Size, dtype: DType) -> Term:
        """A size, which may be symbolic, as a scalar."""
        if isinstance(size, Dim):
            return self.apply("dimension", size=size, dtype=dtype)
        return self.constant(size, dtype)

    def number(self, term: Term) -> int | float | None:
        """The number that a term is known to be all of, None where it is not."""
        maker = self._makers.get(term.value.name)
        while maker is not None and _is_same_number(maker):
            maker = self._makers.get(maker.operands[0].name)
        if maker is None or maker.primitive != "constant":
            return None
        value = maker.attributes["value"]
        return value if isinstance(value, int | float) else None

    def fit(self, term: Term, shape: tuple[Size, ...]) -> Term:
        """A term summed over the axes that broadcasting gave it, and broadcast.

        The way back of an operand of that shape: where it was repeated, its gradients
        add up.
        """
        extra = term.rank - len(shape)
        axes = [
            axis
            for axis, size in enumerate(term.shape)
            if axis < extra or (shape[axis - extra] == 1 and size != 1)
        ]
        if axes:
            kept = self.apply("sum", term, axis=axes, keep=True)
            term = self.apply("reshape", kept, shape=kept.shape[max(extra, 0) :])
        return self.apply("broadcast", term, shape=shape)

    def _terms(self, operands: tuple[Operand, ...]) -> tuple[Term, ...]:
        terms = [operand for operand in operands if isinstance(operand, Term)]
        # A condition says nothing of the numbers that are chosen from.
        dtypes = sorted((t.dtype for t in terms), key=lambda d: d is DType.BOOL)
        return tuple(
            o if isinstance(o, Term) else self.constant(o, dtypes[0]) for o in operands
        )

    def _unchanged(
        self,
        primitive: str,
        terms: tuple[Term, ...],
        attributes: Mapping[str, Any],
        type_: TensorType,
    ) -> Term | None:
        """What an operation gives back as it is, None where it does something."""
        if primitive in NEUTRAL:
            for term, other, number in zip(
                terms, terms[::-1], NEUTRAL[primitive][::-1], strict=True
            ):
                is_same = number is not None and self.number(other) == number
                if is_same and term.type == type_:
                    return term
        if primitive == "neg":
            maker = self._makers.get(terms[0].value.name)
            if maker is not None and maker.primitive == "neg":
                return self.term(maker.operands[0])
        if not terms or terms[0].type != type_:
            return None
        match primitive:
            case "broadcast" | "cast" | "reshape":
                same = True
            case "sum":
                same = not attributes["axis"]
            case "slice":
                same = set(attributes["step"]) <= {1}
            case "pad":
                same = all(n == 0 for n in (*attributes["low"], *attributes["high"]))
            case "transpose":
                same = attributes["axes"] == tuple(range(type_.rank))
            case _:
                same = False
        return terms[0] if same else None

    def _name(self) -> str:
        while True:
            self._count += 1
            name = f"{self._count}"
            if name not in self.taken:
                return name


def _is_same_number(operation: Apply) -> bool:
    """Whether what is one number everywhere stays that number."""
    if operation.primitive == "cast":  # a float would be rounded
        return operation.operands[0].type.dtype.is_integer
    return operation.primitive in ("broadcast", "reshape")


def _key(
    primitive: str, operands: tuple[Value, ...], attributes: Mapping[str, Any]
) -> Any:
    # As texts, because True == 1 == 1.0, and 0.0 == -0.0.
    names = tuple(operand.name for operand in operands)
    return primitive, names, repr(tuple(attributes.values()))
