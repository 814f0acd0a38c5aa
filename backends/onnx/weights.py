"""The weights of a graph: inside of its file, or beside it where they are many."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onnx import ModelProto, TensorProto
from safetensors import SafetensorError, safe_open

from dlmc.backend import WeightsError
from dlmc.backends.onnx.dtypes import item_bytes
from dlmc.ir.module import Module, Weight, weights
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import Array, np, numpy_dtype

LARGEST_INSIDE: Final = 1_500_000_000
"""How many bytes of weights go into the graph's own file, which cannot pass 2 GiB."""

_DTYPES: Final = {
    "F16": DType.F16,
    "BF16": DType.BF16,
    "F32": DType.F32,
    "F64": DType.F64,
    "I8": DType.I8,
    "I16": DType.I16,
    "I32": DType.I32,
    "I64": DType.I64,
    "U8": DType.U8,
    "BOOL": DType.BOOL,
}
"""By their names in a weight file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a weight file: its type, and where in the file its bytes are."""

    type: TensorType
    offset: int
    length: int


def size_of(weight: Weight) -> int:
    """How many bytes a weight takes."""
    return item_bytes(weight.type.dtype) * int(np.prod(_shape(weight.type), dtype=int))


def is_large(module: Module) -> bool:
    """Whether a model's weights are too many for one file."""
    return sum(map(size_of, weights(module))) > LARGEST_INSIDE


def _shape(type_: TensorType) -> tuple[int, ...]:
    return tuple(int(size) for size in type_.shape if isinstance(size, int))


def read_entries(path: Path) -> dict[str, Entry]:
    """What a `.safetensors` file holds, without reading the numbers.

    Raises:
        WeightsError: It is no such file.
        OSError: It cannot be read.
    """
    # Opened first: the library's own error does not say which file is not there.
    with path.open("rb") as file:
        try:
            # The library checks the whole header: sizes, order, no overlap.
            with safe_open(path, "numpy"):
                pass
        except SafetensorError as error:
            raise WeightsError(f"{path} is no weight file: {error}") from None
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    entries: dict[str, Entry] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in _DTYPES:
            raise WeightsError(f"{path}: {name} is {entry['dtype']}, an unknown dtype")
        type_ = TensorType(_DTYPES[entry["dtype"]], tuple(entry["shape"]))
        begin, end = entry["data_offsets"]
        entries[name] = Entry(type_, 8 + length + begin, end - begin)
    return entries


def check(module: Module, given: Mapping[str, TensorType], where: str) -> None:
    """That what is given are the weights of a model; raises `WeightsError`."""
    wanted = {weight.name: weight.type for weight in weights(module)}
    for name, type_ in wanted.items():
        if name not in given:
            raise WeightsError(f"{where} has no {name}: {type_}")
        if given[name] != type_:
            raise WeightsError(f"{where}: {name} is {given[name]}, not {type_}")
    for name in given:
        if name not in wanted:
            raise WeightsError(f"{where}: {module.definition} has no weight {name}")


def types_of(arrays: Mapping[str, Array]) -> dict[str, TensorType]:
    """The types of NumPy arrays; raises `WeightsError` for a dtype that has none."""
    known = {numpy_dtype(dtype): dtype for dtype in DType}
    types: dict[str, TensorType] = {}
    for name, array in arrays.items():
        if array.dtype not in known:
            raise WeightsError(f"{name} is {array.dtype}, an unknown dtype")
        types[name] = TensorType(known[array.dtype], tuple(array.shape))
    return types


def _places(model: ModelProto, module: Module) -> Iterable[tuple[TensorProto, str]]:
    names = {weight.name for weight in weights(module)}
    for place in model.graph.initializer:
        if place.name in names:
            yield place, place.name


def embed(
    model: ModelProto, module: Module, content: Callable[[str], bytes]
) -> ModelProto:
    """Put each weight that the graph uses into it; `content` gives its bytes."""
    for place, name in _places(model, module):
        place.raw_data = content(name)
    return model


def refer(
    model: ModelProto, module: Module, file: str, places: Mapping[str, tuple[int, int]]
) -> ModelProto:
    """Let the weights of a graph stand in another file, at an offset with a length."""
    for place, name in _places(model, module):
        offset, length = places[name]
        place.data_location = TensorProto.EXTERNAL
        place.external_data.add(key="location", value=file)
        place.external_data.add(key="offset", value=str(offset))
        place.external_data.add(key="length", value=str(length))
    return model


def consecutive(module: Module) -> dict[str, tuple[int, int]]:
    """Offset and length of each weight in a file that holds nothing else."""
    places: dict[str, tuple[int, int]] = {}
    offset = 0
    for weight in weights(module):
        places[weight.name] = offset, size_of(weight)
        offset += size_of(weight)
    return places
