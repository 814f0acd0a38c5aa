"""`column(…)` and `columns(…)` in the expressions of a data declaration's fields."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Problem, did_you_mean
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import REQUIRED, Builtin, describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.module import Value
from dlmc.ir.program import Column, Csv, Inline, Npz, Source
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.base import Fault

FUNCTIONS: dict[str, tuple[tuple[tuple[str, Any], ...], str]] = {
    "column": (
        (("name", REQUIRED), ("dtype", None)),
        "One column of the source, in the field's dtype or another.",
    ),
    "columns": (
        (
            ("name", REQUIRED),
            *((f"name{i}", None) for i in range(1, 64)),
            ("dtype", None),
        ),
        "Several columns of a table, by names and patterns, as one axis.",
    ),
}
"""What fields can call beside all else: parameters with defaults, documentation."""


def _columns_are(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return f"there are {shown}{' …' * (len(names) > 8)}"


def _pattern_meant(pattern: str, names: Sequence[str]) -> str:
    """A hint: the pattern most like one that matches nothing."""
    stems = {re.sub(r"\d+$", "", name) + "*" for name in names} | set(names)
    stems |= {f"{name.rpartition('_')[0]}_*" for name in names if "_" in name}
    return did_you_mean(pattern, sorted(stems)) or _columns_are(names)


class ColumnReader:
    """Collects the columns that a field's expression reads, as inputs of its module."""

    def __init__(self, source: Source, type_: TensorType, frame: Frame) -> None:
        self.source = source
        self.type = type_
        self.frame = frame
        self.columns: list[Column] = []
        self.values: list[Value] = []

    def bind(self, environment: Environment) -> None:
        """Give `column` and `columns` their meaning."""
        meanings: dict[str, Callable[..., Value]] = {
            "column": self._column,
            "columns": self._columns,
        }
        for name, (parameters, documentation) in FUNCTIONS.items():
            function = Builtin(name, parameters, meanings[name], documentation)
            environment.bind(name, function)

    def own(self, name: str, span: Span) -> Value:
        """The column of a field's own name, for a field without an expression."""
        try:
            return self._read(name, None)
        except Fault as fault:
            raise Problem(
                fault.code,
                fault.message,
                span,
                hint=fault.hint,
            ) from None

    def explain(self, node: tree.Name) -> Problem | None:
        """An unknown name that is one of a column."""
        if node.name not in self._names():
            return None
        return Problem(
            "E0201",
            f"`{node.name}` is a column of the source, and no value by itself",
            node.span,
            hint=f'write `column("{node.name}")`',
        )

    def _names(self) -> list[str]:
        match self.source:
            case Csv(columns=names):
                return list(names)
            case Npz(shapes=arrays):
                return list(arrays)
            case Inline(values=values):
                return list(values)

    def _column(self, frame: Frame, name: Any, dtype: Any) -> Value:
        if not isinstance(name, str):
            raise Fault(
                f"a column has a name in quotes, not {describe(name)}",
                code="E0310",
                argument="name",
            )
        return self._read(name, dtype)

    def _read(self, name: str, dtype: Any) -> Value:
        known = self._names()
        if name not in known:
            raise Fault(
                f'there is no column "{name}"',
                code="E0502",
                argument="name",
                hint=did_you_mean(name, known) or _columns_are(known),
            )
        shape: tuple[int, ...] = ()
        if isinstance(self.source, Npz):
            shape = self.source.shapes[name]
        elif isinstance(self.source, Inline):
            sample = self.source.values[name][0]
            while isinstance(sample, tuple):
                shape = (*shape, len(sample))
                sample = sample[0]
        type_ = TensorType(self._dtype(dtype), shape)
        self._check_first(name, type_.dtype)
        return self._add(Column((name,), stacked=False), name, type_)

    def _check_first(self, name: str, dtype: DType) -> None:
        """A table holds numbers; what its first row has, the others have, too."""
        if not isinstance(self.source, Csv) or dtype is DType.BOOL:
            return
        row = dict(zip(self.source.columns, self.source.first, strict=False))
        if name not in row:
            return
        cell = row[name].strip()
        try:
            (float if dtype.is_float else int)(cell)
        except ValueError:
            shown = f'has "{cell}" in its first row' if cell else "starts empty"
            raise Fault(
                f'the column "{name}" {shown}, and {dtype} takes '
                + ("numbers" if dtype.is_float else "whole numbers"),
                code="E0503",
                argument="name",
                hint="write classes as whole numbers from 0, and fill what is missing",
            ) from None

    def _columns(self, frame: Frame, dtype: Any, **patterns: Any) -> Value:
        if not isinstance(self.source, Csv):
            raise Fault(
                "`columns` picks from a table; an array is one `column`", code="E0310"
            )
        given = [pattern for pattern in patterns.values() if pattern is not None]
        names: list[str] = []
        for pattern in given:
            if not isinstance(pattern, str):
                raise Fault(
                    f"a column has a name in quotes, not {describe(pattern)}",
                    code="E0310",
                    argument="name",
                )
            found = [n for n in self.source.columns if fnmatchcase(n, pattern)]
            if not found:
                raise Fault(
                    f'no column matches "{pattern}"',
                    code="E0502",
                    argument="name",
                    hint=_pattern_meant(pattern, self.source.columns),
                )
            names += [name for name in found if name not in names]
        type_ = TensorType(self._dtype(dtype), (len(names),))
        for name in names:
            self._check_first(name, type_.dtype)
        column = Column(tuple(names), stacked=True, patterns=tuple(given))
        return self._add(column, given[0], type_)

    def _dtype(self, dtype: Any) -> DType:
        if dtype is None:
            return self.type.dtype
        if not isinstance(dtype, DType):
            raise Fault(
                f"a dtype is needed, not {describe(dtype)}",
                code="E0310",
                argument="dtype",
            )
        return dtype

    def _add(self, column: Column, name: str, type_: TensorType) -> Value:
        for known, value in zip(self.columns, self.values, strict=True):
            if known == column and value.type == type_:
                return value
        stem = "".join(c if c.isalnum() and c.isascii() else "_" for c in name)
        stem = stem.strip("_") or "column"
        if stem[0].isdigit():
            stem = f"column_{stem}"
        unique, count = stem, 1
        while unique in self.frame.reserved:
            count += 1
            unique = f"{stem}_{count}"
        value = self.frame.owned(unique, type_)
        self.columns.append(column)
        self.values.append(value)
        return value
