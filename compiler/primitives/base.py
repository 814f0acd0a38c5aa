"""What a primitive is, and the registry of all of them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.types import DType, TensorType

if TYPE_CHECKING:
    from dlmc.ir.builder import Builder as Builder
    from dlmc.ir.builder import Term as Term
else:  # which needs the registry
    Builder = Term = Any

Gradients: TypeAlias = Sequence[Term | None]
"""A gradient for each operand, None for one that has none."""


class Fault(Exception):
    """A use of a primitive that has no meaning: a message in the program's terms.

    `argument` names the operand or attribute that is at fault, if one is; the
    elaborator adds the place.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "E0301",
        hint: str | None = None,
        argument: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.argument = argument


@dataclass(frozen=True, slots=True)
class Sample:
    """One use of a primitive, for tests: operand types and attributes as in DLM.

    `ranges` gives the half-open range that an operand's values are drawn from, by the
    operand's position, where not every number has a meaning (`log`, an index).
    """

    operands: tuple[TensorType, ...]
    attributes: Mapping[str, Any]
    ranges: Mapping[int, tuple[float, float]] = field(default_factory=dict)


def tensor(text: str) -> TensorType:
    """The type that `text` says, with sizes that are numbers or names: `f32[N, 3]`."""
    dtype, _, sizes = text.rstrip("]").partition("[")
    names = [size.strip() for size in sizes.split(",")] if sizes else []
    shape = tuple(int(n) if n.isdigit() else Dim.symbol(n) for n in names)
    return TensorType(DType(dtype), shape)


def sample(
    *operands: str,
    ranges: Mapping[int, tuple[float, float]] | None = None,
    **attributes: Any,
) -> Sample:
    """A sample whose operand types are texts."""
    return Sample(tuple(tensor(text) for text in operands), attributes, ranges or {})


class Primitive:
    """One operation; everything about it stands in its class.

    The signature in DLM is that of `reference`: positional parameters are operands,
    keyword-only ones are attributes with their defaults. `normalize` turns attributes
    as written into the one form that the IR, `infer`, `reference` and every backend
    see (negative axes made positive, a single number made a tuple, …).
    """

    name: ClassVar[str]
    """As in DLM and in the printed IR."""
    samples: ClassVar[Sequence[Sample]] = ()
    variadic: ClassVar[bool] = False
    """Whether it takes any number of operands (`reference(self, *operands, …)`)."""
    leading: ClassVar[tuple[str, ...]] = ()
    """Attributes of a variadic primitive that are texts and stand before operands."""
    supplied: ClassVar[tuple[str, ...]] = ()
    """Keyword parameters of `reference` that no program writes: whoever runs the
    operation gives them (`rng`, a NumPy generator; what is known of a data set)."""
    no_gradient: ClassVar[str] = ""
    """Why there is no `gradient`, where there is none."""
    internal: ClassVar[str] = ""
    """Why no program can write it, where none can: gradients alone are made of it."""
    is_view: ClassVar[bool] = False
    """Whether the result may be the first operand's own memory, seen otherwise."""

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Attributes, defaults filled in, in their one form; raises `Fault`."""
        return self.filled(attributes)

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        """The result's type from operand types and normal attributes, or `Fault`."""
        raise NotImplementedError

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        """Operations on numbers in one run: a multiply-add is two, a move none.

        Whatever makes one number of one or two (a sum, a comparison, an exponential) is
        one operation.
        """
        raise NotImplementedError(f"{self.name} does not say its FLOPs")

    reference: Callable[..., Any]
    """What it means, in NumPy: arrays in, one array out, normal attributes."""

    gradient: Callable[..., Gradients]
    """The way back, in primitives: `gradient(self, b, dy, y, *operands, **attributes)`.

    `b` builds primitives (`dlmc.ir.builder`), `dy` is the gradient of the result and
    `y` the result; they and the operands are its terms, attributes are in normal form.
    A gradient has the operand's shape or another that broadcasts: it is summed over
    the axes that an operand was repeated along, and repeated along those it lacks. What
    nobody wants of it is dropped later, and an operand that is no float gets none. A
    primitive without it says `no_gradient`.
    """

    def filled(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes in the order of the signature, with defaults where not given."""
        for name in attributes:
            if name not in self.attribute_defaults:
                raise Fault(f"{self.name} has no argument {name}", argument=name)
        values = {**self.attribute_defaults, **attributes}
        for name, value in values.items():
            if value is inspect.Parameter.empty:
                raise Fault(f"{self.name} needs the argument {name}", argument=name)
        return values

    @cached_property
    def operand_names(self) -> tuple[str, ...]:
        """Names of the operands, in order."""
        kinds = (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        )
        parameters = inspect.signature(self.reference).parameters.values()
        return tuple(p.name for p in parameters if p.kind in kinds)

    @cached_property
    def attribute_defaults(self) -> dict[str, Any]:
        """Attributes with their defaults; `inspect.Parameter.empty` for required."""
        parameters = inspect.signature(self.reference).parameters.values()
        return {
            p.name: p.default
            for p in parameters
            if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in self.supplied
        }

    @property
    def documentation(self) -> str:
        """The docstring."""
        return inspect.getdoc(type(self)) or ""


class Movement(Primitive):
    """A primitive that places, repeats or writes numbers down and computes none."""

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        return 0


REGISTRY: dict[str, Primitive] = {}
"""Every primitive by name."""


P = TypeVar("P", bound=type[Primitive])


def primitive(cls: P) -> P:
    """Register a primitive class."""
    if cls.name in REGISTRY:
        raise ValueError(f"two primitives are called {cls.name}")
    REGISTRY[cls.name] = cls()
    return cls
