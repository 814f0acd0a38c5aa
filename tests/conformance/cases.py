"""What the suite runs: the samples of every definition and of every primitive."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from dlmc.catalogue.samples import Definition, Sample, is_schedule, library_samples
from dlmc.elaborate.standard import library_index
from dlmc.grammar import tree
from dlmc.initializers import initial_weights
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Apply, Call, Module
from dlmc.ir.types import DType, TensorType
from dlmc.primitives import REGISTRY
from tests.unit.backends.onnx_graphs import draw, sample_module

SIZES: Mapping[str, int] = {"N": 3, "T": 6, "H": 7, "W": 9}
"""Of the symbols in samples; others are 4."""


@dataclass(frozen=True)
class Case:
    """A use of a definition or primitive, as a model of its own."""

    name: str
    text: str
    """As people write it."""
    module: Module
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """What an input's values are drawn from, half open, where not every number has a
    meaning."""
    narrow: frozenset[str] = frozenset()
    """Inputs of f32 whose numbers bf16 holds, which NumPy's files do not."""

    @property
    def seed(self) -> int:
        """Of the case alone, so that a new one changes no other."""
        return zlib.crc32(f"{self.name} {self.text}".encode())

    def inputs(self, sizes: Mapping[str, int] = SIZES) -> dict[str, Any]:
        """An array for each input."""
        rng = np.random.default_rng(self.seed)
        known = _Sizes(sizes)
        found = {}
        for value in self.module.inputs:
            type_ = value.type
            if value.name in self.narrow:
                type_ = TensorType(DType.BF16, type_.shape)
            found[value.name] = draw(type_, known, rng, self.ranges.get(value.name))
        return found

    def weights(self) -> dict[str, Any]:
        """Weights none of which is at its start, so that each one tells."""
        rng = np.random.default_rng(1)
        return {
            name: (array + rng.uniform(0.1, 0.4, array.shape)).astype(array.dtype)
            for name, array in initial_weights(self.module, 0).items()
        }

    @property
    def modes(self) -> tuple[bool, ...]:
        """Whether in training, for each mode whose results can be compared."""
        both = (False, True) if self.module.depends_on_mode else (False,)
        return tuple(mode for mode in both if not draws(self.module, mode))

    @property
    def is_symbolic(self) -> bool:
        """Whether a size is known only when it runs."""
        return any(
            isinstance(size, Dim)
            for value in self.module.inputs
            for size in value.type.shape
        )


class _Sizes(dict[str, int]):
    """The sizes of symbols, with one for those that have none of their own."""

    def __missing__(self, name: str) -> int:
        return 4


def draws(module: Module, training: bool) -> bool:
    """Whether a module draws random numbers in one mode."""
    for operation in module.body(training).operations:
        match operation:
            case Apply(primitive=name) if "rng" in REGISTRY[name].supplied:
                return True
            case Call(module=called) if draws(called, training):
                return True
    return False


@cache
def documented() -> tuple[str, ...]:
    """The library's public definitions, by name."""
    return tuple(name for name, place in library_index().items() if place.samples)


@cache
def library_cases(name: str) -> tuple[Case, ...]:
    """The samples of a definition that is applied to tensors."""
    return tuple(
        case_of(sample) for sample in library_samples(name) if not sample.is_optimizer
    )


def case_of(sample: Sample) -> Case:
    """A sample of the library as a case."""
    given = ", ".join(f"{name}: {type_}" for name, type_ in sample.inputs)
    text = f"{sample.expression} with {given}"
    below = {name: (0, limit) for name, limit in sample.below}
    return Case(sample.definition, text, sample.model, below)


@cache
def primitive_cases(name: str) -> tuple[Case, ...]:
    """The samples of a primitive."""
    return tuple(
        Case(
            name,
            f"{name}({', '.join(map(str, sample.operands))}) {dict(sample.attributes)}",
            sample_module(name, sample),
            {f"x{i}": between for i, between in sample.ranges.items()},
            frozenset(
                f"x{i}" for i, o in enumerate(sample.operands) if o.dtype is DType.BF16
            ),
        )
        for sample in REGISTRY[name].samples
    )


def applied() -> Iterator[str]:
    """The definitions of the library that are applied to tensors."""
    for name in documented():
        definition = library_index()[name].read()
        assert isinstance(definition, Definition)
        if not (isinstance(definition, tree.Optimizer) or is_schedule(definition)):
            yield name


def written() -> Iterator[str]:
    """The primitives that a model can hold: not those of gradients, nor those of data
    fields alone."""
    for name, primitive in REGISTRY.items():
        if not primitive.internal and not set(primitive.supplied) - {"rng"}:
            yield name
