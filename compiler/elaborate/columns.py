"""`column(…)` and `columns(…)` in the expressions of a data declaration's fields."""

from fnmatch import fnmatchcase
from typing import Any

from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Problem, did_you_mean
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import REQUIRED, Builtin, describe
from dlmc.grammar.span import Span
from dlmc.ir.module import Value
from dlmc.ir.program import Column, Csv, Inline, Npz, Source
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.base import Fault


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
        column = Builtin(
            "column",
            (("name", REQUIRED), ("dtype", None)),
            self._column,
            "One column of the source.",
        )
        patterns = tuple((f"name{i or ''}", REQUIRED if i == 0 else None)
                         for i in range(64))  # fmt: skip
        columns = Builtin(
            "columns",
            (*patterns, ("dtype", None)),
            self._columns,
            "Several columns of a table, by names and patterns, as one axis.",
        )
        environment.bind("column", column)
        environment.bind("columns", columns)

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
                hint=did_you_mean(name, known)
                or f"there are {', '.join(known[:8])}{' …' * (len(known) > 8)}",
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
        return self._add(Column((name,), stacked=False), name, type_)

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
                    hint=did_you_mean(pattern.strip("*_"), self.source.columns)
                    or f"there are {', '.join(self.source.columns[:8])} …",
                )
            names += [name for name in found if name not in names]
        type_ = TensorType(self._dtype(dtype), (len(names),))
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
