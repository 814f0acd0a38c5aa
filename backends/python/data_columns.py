"""The columns that `data.py` reads: the constants that name them, and their arrays."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.names import free_name
from dlmc.backends.python.numpy_dialect import dtype, number
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.ir.program import Column, Field, Inline, Npz
from dlmc.ir.types import DType

quote = Quote()

# Whole numbers first: a column that is somewhere read as such holds nothing else.
_STRICTEST = (
    *(DType.I64, DType.I32, DType.I16, DType.I8, DType.U8, DType.BOOL),
    *(DType.F64, DType.F32, DType.F16),
)


class Columns:
    """The columns of a plan's data.

    `path` is where the file lies in the project; None for samples in the program, whose
    arrays are the constant `COLUMNS`.
    """

    def __init__(self, plan: Plan, path: str | None) -> None:
        self.plan = plan
        self.path = path
        self.source = plan.training.data.source

    @cached_property
    def dtypes(self) -> Mapping[str, DType]:
        """The dtype that each column is read with."""
        found: dict[str, DType] = {}
        for _, column, value in self.plan.columns(self.plan.fields):
            for name in column.names:
                known = found.get(name, value.type.dtype)
                found[name] = min(known, value.type.dtype, key=_STRICTEST.index)
        return found

    @cached_property
    def lists(self) -> Mapping[tuple[str, ...], str]:
        """The constants that list columns which stand together."""
        names: dict[tuple[str, ...], str] = {}
        for field, column, _ in self.plan.columns(self.plan.fields):
            if column.stacked and column.names not in names:
                is_pattern = len(column.patterns) == 1
                hint = column.patterns[0].rstrip("*_") if is_pattern else field.name
                taken = {"PATH", "COLUMNS", "INPUTS", *names.values()}
                names[column.names] = free_name(hint.upper(), taken)
        return names

    @cached_property
    def inputs(self) -> py.Name:
        """What predicting reads: all columns, or those of the model's inputs."""
        fields = self.plan.columns(self.plan.inputs)
        needed = {name for _, column, _ in fields for name in column.names}
        return py.Name("COLUMNS" if needed == self.dtypes.keys() else "INPUTS")

    # -- constants --

    def constants(self) -> list[py.Statement]:
        """Where the file lies, and what is read from it."""
        made: list[py.Statement] = []
        if self.path is not None:
            where = quote("Path(__file__).parent / {path}", path=self.path)
            made.append(py.Assign(py.Name("PATH"), where))
        for names, constant in self.lists.items():
            made.append(py.Assign(py.Name(constant), name_list(names)))
        terms: list[py.Expression] = []
        known: set[str] = set()
        if self.path is not None and self.inputs.id == "INPUTS":
            entries = list(self._entries(self.plan.inputs, known))
            made.append(py.Assign(self.inputs, _joined(entries)))
            terms.append(self.inputs)
        terms += self._entries(self.plan.fields, known)
        made.append(py.Assign(py.Name("COLUMNS"), _joined(terms)))
        return made

    def _entries(
        self, fields: Sequence[Field], known: set[str]
    ) -> Iterator[py.Expression]:
        """Dicts of what is to be known to read the columns of fields, each once."""
        single: list[tuple[py.Expression | None, py.Expression]] = []
        for _, column, value in self.plan.columns(fields):
            kinds = {self.dtypes[name] for name in column.names}
            if column.stacked and len(kinds) == 1 and not known & {*column.names}:
                names = py.Name(self.lists[column.names])
                kind = dtype(kinds.pop())
                yield quote("dict.fromkeys({names}, {kind})", names=names, kind=kind)
                known |= {*column.names}
            for name in column.names:
                if name not in known:
                    known.add(name)
                    entry = self._entry(name, value.type.shape)
                    single.append((py.Literal(name), entry))
        if single:
            yield py.Dict(tuple(single))

    def _entry(self, name: str, shape: tuple[Any, ...]) -> py.Expression:
        """What is to be known of one column; an inline one is there as a whole."""
        kind = dtype(self.dtypes[name])
        match self.source:
            case Inline(values):
                numbers = expression_of(_lists(values[name]))
                return quote("np.array({x}, {kind})", x=numbers, kind=kind)
            case Npz():
                return py.Tuple((kind, expression_of(shape)))
            case _:
                return kind

    # -- arrays --

    @property
    def table(self) -> py.Name:
        """The variable that holds the columns."""
        return py.Name("COLUMNS" if self.path is None else "columns")

    @cached_property
    def first(self) -> py.Expression:
        """The array of any one column."""
        name = next(iter(self.dtypes))
        return quote("{table}[{name}]", table=self.table, name=name)

    def array(self, column: Column, wanted: DType) -> py.Expression:
        """The array of a column, or of several as the last axis."""
        if column.stacked:
            names = py.Name(self.lists[column.names])
            each = quote("[{t}[name] for name in {names}]", t=self.table, names=names)
            found = quote("np.stack({each}, axis=-1)", each=each)
        else:
            name = column.names[0]
            found = quote("{table}[{name}]", table=self.table, name=name)
        if {self.dtypes[name] for name in column.names} == {wanted}:
            return found
        return quote("{x}.astype({kind})", x=found, kind=dtype(wanted))


def _joined(terms: Sequence[py.Expression]) -> py.Expression:
    return reduce(lambda a, b: py.Binary(a, "|", b), terms)


def _lists(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_lists(item) for item in value]
    return float(value) if isinstance(value, float) else number(value)


def name_list(names: Sequence[str]) -> py.Expression:
    """A list of names, said by a rule where they are numbered."""
    parts = [
        re.fullmatch(r"(.*?)(0|[1-9]\d{0,8})(\D*)", name, re.DOTALL) for name in names
    ]
    if len(names) > 2 and all(parts):
        pieces = [part.groups() for part in parts if part is not None]
        head, start, tail = pieces[0]
        counted = [(head, str(int(start) + i), tail) for i in range(len(names))]
        if pieces == counted:
            ends = [int(start), int(start) + len(names)]
            bounds = ends[1:] if ends[0] == 0 else ends
            name = py.FString((head, py.Formatted(py.Name("i")), tail))
            return quote("[{name} for i in range({bounds})]", name=name, bounds=bounds)
    return expression_of(list(names))
