"""A generated project, live in this process, for a trial to lead."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

from dlmc.backends.python.data_module import data_module
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.live import executed
from dlmc.backends.python.plan import Plan, plans
from dlmc.backends.python.project import data_path
from dlmc.ir.program import Program
from dlmc.primitives.arrays import Array
from dlmc.trial import DataError


class LiveTraining:
    """The modules of a program's first training, and what they say."""

    def __init__(
        self, program: Program, framework: Framework, files: Mapping[str, ModuleType]
    ) -> None:
        """Run `data.py` and `train.py`; `files` has `model` and `weights`."""
        self.plan: Plan = plans(program, framework.words)[0]
        self.path: Path | None = data_path(self.plan)
        # In the project the file is beside the script; here it is where it is.
        text = data_module(self.plan, None if self.path is None else self.path.name)
        kind = self.plan.module("data")
        # TensorFlow reads the text of what it makes a graph of.
        self.folder = TemporaryDirectory(prefix="dlmc-")
        self.data = executed(text, kind, program.name)
        self.train = executed(
            framework.training_module(self.plan),
            self.plan.module("train"),
            program.name,
            {**files, kind: self.data},
            Path(self.folder.name),
        )
        with patch("sys.argv", ["train.py", "--device", "cpu"]):
            self.args = self.train.parse_args()

    def function(self, text: str) -> Callable[..., Any]:
        """A function from its text, beside those of `train.py`, which it can use."""
        namespace = dict(vars(self.train))
        (name,) = [node.name for node in ast.parse(text).body]  # type: ignore[attr-defined]
        exec(compile(text, "<trial>", "exec"), namespace)
        made: Callable[..., Any] = namespace[name]
        return made

    def samples(self) -> dict[str, Array]:
        """The training part, by the fields' names in the program."""
        with _as_data_errors(self.path):
            loaded = self.data.load(*[self.path] * (self.path is not None))
        part = loaded if isinstance(loaded, self.data.Samples) else loaded[0]
        names = [field.name for field in self.plan.fields]
        return dict(zip(names, part, strict=True))

    def order(self, size: int, seed: int, epoch: int) -> Array:
        """The order in which an epoch visits the samples."""
        order: Array = self.data.epoch_order(size, seed, epoch)
        return order

    def in_order(self, samples: Any) -> list[Any]:
        """The arrays of fields in the order of `train.py`."""
        return [samples[field.name] for field in self.plan.fields]


@contextmanager
def _as_data_errors(path: Path | None) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except ValueError as error:
        raise DataError(str(error)) from error


def as_tuple(result: Any) -> Sequence[Any]:
    """What a model gives, as several outputs even where there is one."""
    return result if isinstance(result, tuple) else (result,)
