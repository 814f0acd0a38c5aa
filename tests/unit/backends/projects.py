"""Projects made of programs in tests."""

from pathlib import Path
from types import ModuleType
from typing import Any

from dlmc.api import read
from dlmc.backends.python.data_module import data_module
from dlmc.backends.python.plan import Plan, plans
from dlmc.ir.program import Program

HEAD = """
model Model { input x: f32[N, 2]
  output y = x -> Dense(1) }
"""
TRAIN = """
train Model on rows { loss = mse(y, t)
  optimizer = sgd(lr = 0.1)
  epochs = 1
  batch = 2 }
"""


def program(text: str, folder: Path, name: str = "program") -> Program:
    """A program that stands in a folder."""
    path = folder / f"{name}.dlm"
    path.write_text(text, "utf-8")
    return read(path)


def with_data(fields: str, folder: Path, split: str = "") -> Program:
    """A program with a table `rows.csv` and fields of it."""
    return program(f"{HEAD}\ndata rows {{ {fields}\n{split} }}\n{TRAIN}", folder)


def plan_of(made: Program, words: frozenset[str] = frozenset()) -> Plan:
    """The plan of a program's first training."""
    return plans(made, words)[0]


def executed(text: str, folder: Path, name: str = "data") -> ModuleType:
    """A module from its text, as if it stood in a folder."""
    module = ModuleType(name)
    module.__file__ = str(folder / f"{name}.py")
    exec(compile(text, module.__file__, "exec"), module.__dict__)
    return module


def data_of(made: Program, folder: Path, path: str | None = "rows.csv") -> Any:
    """The generated data module of a program, live."""
    return executed(data_module(plan_of(made), path), folder)
