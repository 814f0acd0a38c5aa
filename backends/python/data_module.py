"""`data.py`: reading a source, computing the fields, splitting. NumPy alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dlmc.backend import Unsupported
from dlmc.backends.python import flat
from dlmc.backends.python import tree as py
from dlmc.backends.python.numpy_dialect import NumpyDialect, dtype, has_dtype
from dlmc.backends.python.plan import Plan, identifier, is_column
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.python.script import code, printed, render, script, words_in
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Module, Value
from dlmc.ir.program import Column, Csv, Field, Inline, Npz
from dlmc.ir.types import DType
from dlmc.passes.batch import batch

quote = Quote()

IMPORTS = {
    "Path": py.Import("pathlib", "Path"),
    "NamedTuple": py.Import("typing", "NamedTuple"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "np": py.Import("numpy", alias="np"),
    "zipfile": py.Import("zipfile"),
}
TEMPLATES = "python/templates"


def data_module(plan: Plan) -> str:
    """The text of a plan's `data.py`; raises `Unsupported`."""
    for field in plan.fields:
        if not has_dtype(field.type.dtype):
            raise Unsupported(
                f"the field `{field.name}` is {field.type}, which NumPy has not",
                field.span,
                "read it as f32, and cast it in the model",
            )
    return _DataModule(plan).text()


@dataclass(frozen=True)
class Scale:
    """What one `standardize` of a field learns from the training part."""

    name: str
    operation: Apply


@dataclass(frozen=True)
class _DataModule:
    plan: Plan

    def text(self) -> str:
        """The whole file."""
        data = self.plan.training.data
        fields = [
            f"{self.plan.field_names[f.name]} {f.type}" for f in self.plan.fields
        ]
        title = f"The data {data.name}: {', '.join(fields)} for each sample."
        if data.documentation:
            title = f"{data.documentation.strip()}\n\n{title}"
        parts = [printed(part) for part in self.parts() if part]
        body = "\n".join(parts)
        skeletons = list(self.skeletons(body))
        text = render(
            f"{TEMPLATES}/data.py.jinja",
            head=printed(self.head()),
            parts=parts,
            skeletons=skeletons,
        )
        return script(title, self.plan.program.file, text, IMPORTS)
