"""The rows of a summary: a model's blocks, layers and functions as a tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Size
from dlmc.ir.module import Kind, Module, weights
from dlmc.ir.types import TensorType


@dataclass(slots=True, eq=False)
class Row:
    """A line of the summary: a use of a module or of a primitive, or what a block owns.

    Its own figures are those of what no row below counts. `module` is None where it is
    no module's use; `kind` then says what it is: `fn` for a primitive, `param` and
    `state` for a tensor that the block above owns, `operators` for what that block's
    operators compute.

    Parameters and states are counts of numbers; `forward` is FLOPs of inference,
    `training` of the forward pass in training and `backward` of the other; `kept` is
    bytes.
    """

    name: str
    module: Module | None
    is_instance: bool = True
    """Whether it owns its name; a function is called by its own."""
    is_shared: bool = False
    """Whether an earlier row has counted its parameters."""
    span: Span | None = None
    kind: str = "fn"
    type: TensorType | None = None
    """Of a param or a state."""
    children: list["Row"] = field(default_factory=list)
    outputs: tuple[TensorType, ...] = ()
    forward: Size = 0
    training: Size = 0
    backward: Size = 0
    kept: Size = 0

    @property
    def is_open(self) -> bool:
        """Whether what it calls has rows of its own."""
        module = self.module
        if module is None or module.kind is Kind.FUNCTION:
            return False
        return not module.is_library or bool(module.instances)

    def child(
        self,
        name: str,
        turn: int,
        span: Span,
        module: Module | None = None,
        *,
        is_instance: bool = False,
    ) -> "Row":
        """The row of a use: the one that another mode made, or a new one."""
        same = [
            row
            for row in self.children
            if row.name == name
            and row.is_instance == is_instance
            and (row.module is None) == (module is None)
        ]
        if turn < len(same):
            return same[turn]
        is_shared = self.is_shared or (is_instance and turn > 0)
        made = Row(name, module, is_instance, is_shared, span)
        self.children.append(made)
        return made

    def complete(self) -> None:
        """Add rows for all that none counts yet: they then sum to this row's figures.

        These are tensors that it owns itself, layers that are owned and never applied,
        and what its operators compute. At every depth.
        """
        if not self.is_open or self.module is None:
            return
        applied = {row.name for row in self.children if row.is_instance}
        for instance in self.module.instances:
            if instance.name not in applied:
                unused = Row(instance.name, instance.module, is_shared=self.is_shared)
                self.children.append(unused)
        for row in self.children:
            row.complete()
        module = self.module
        owned = [("param", p.name, p.type, p.span) for p in module.parameters]
        owned += [("state", s.name, s.type, s.span) for s in module.states]
        self.children[:0] = [
            Row(name, None, False, self.is_shared, span, kind, type_, outputs=(type_,))
            for kind, name, type_, span in owned
        ]
        if any(size != 0 for size in self._own):
            rest = Row("arithmetic", None, is_instance=False, kind="operators")
            rest._own, self._own = self._own, (0, 0, 0, 0)
            self.children.append(rest)

    @property
    def _own(self) -> tuple[Size, Size, Size, Size]:
        return self.forward, self.training, self.backward, self.kept

    @_own.setter
    def _own(self, sizes: tuple[Size, Size, Size, Size]) -> None:
        self.forward, self.training, self.backward, self.kept = sizes

    def walk(self) -> Iterator["Row"]:
        """This row and all below it, in order."""
        yield self
        for row in self.children:
            yield from row.walk()

    @property
    def parameters(self) -> int:
        """How many trained numbers it owns, at every depth."""
        return self._count(trained=True)

    @property
    def states(self) -> int:
        """How many numbers it owns that no gradient trains."""
        return self._count(trained=False)

    @property
    def is_reused(self) -> bool:
        """Whether it has weights, and an earlier row has counted them."""
        owns = self.type is not None or not (
            self.module is None or self.module.is_stateless
        )
        return self.is_shared and owns

    def _count(self, trained: bool) -> int:
        if self.is_shared:
            return 0
        if self.type is not None:
            counts = [self.type.count] if trained is (self.kind == "param") else []
        elif self.module is None:
            counts = []
        else:
            owned = weights(self.module)
            counts = [w.type.count for w in owned if w.trained is trained]
        return sum(n for n in counts if isinstance(n, int))

    @property
    def figures(self) -> "Figures":
        """The figures of this row with all below it."""
        rows = list(self.walk())
        return Figures(
            forward=total(row.forward for row in rows),
            step=total(row.training + row.backward for row in rows),
            kept=total(row.kept for row in rows),
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """What a part of a model costs: FLOPs of inference, of a training step; bytes."""

    forward: Size
    step: Size
    kept: Size


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes."""
    result: Size = 0
    for size in sizes:
        result = result + size
    return result
