"""Reading just enough of a data source to know what it holds."""

import csv
import struct
from ast import literal_eval
from pathlib import Path
from typing import IO, Any

from dlmc.elaborate.problems import Problem
from dlmc.elaborate.values import describe, is_number
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.program import Csv, Inline, Npz
from dlmc.sources import near_file


def _path(path: str, folder: Path, span: Span) -> Path:
    full = folder / path
    if not full.is_file():
        found = "is a folder" if full.is_dir() else "does not exist"
        near = None if full.is_dir() else near_file(full)
        raise Problem(
            "E0501",
            f'the file "{path}" {found}',
            span,
            hint="a path is relative to the program's own folder"
            if near is None
            else f'did you mean "{near}"?',
        )
    return full


def csv_source(path: str, folder: Path, span: Span) -> Csv:
    """A table; its header line and its first row are read."""
    full = _path(path, folder, span)
    try:
        with full.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, None)
            first = next(rows, [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Problem("E0501", f'"{path}" cannot be read: {error}', span) from None
    if not header or not any(name.strip() for name in header):
        raise Problem("E0501", f'"{path}" has no header line', span)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Problem("E0501", f'"{path}" has two columns called "{twice[0]}"', span)
    return Csv(full, tuple(header), tuple(first))


def npz_source(path: str, folder: Path, span: Span) -> Npz:
    """Named arrays; their headers are read."""
    import zipfile  # which few programs need

    full = _path(path, folder, span)
    shapes: dict[str, tuple[int, ...]] = {}
    dtypes: dict[str, str] = {}
    try:
        with zipfile.ZipFile(full) as archive:
            for member in archive.namelist():
                if member.endswith(".npy"):
                    with archive.open(member) as file:
                        name = member.removesuffix(".npy")
                        shapes[name], dtypes[name] = _npy_header(file)
    except (OSError, ValueError, zipfile.BadZipFile, struct.error) as error:
        raise Problem(
            "E0501", f'"{path}" is no file of NumPy arrays: {error}', span
        ) from None
    lengths = {shape[0] if shape else 0 for shape in shapes.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise Problem(
            "E0501",
            f'the arrays in "{path}" differ in their number of samples'
            if shapes
            else f'"{path}" holds no array',
            span,
            hint="the first axis of each array counts the samples",
        )
    return Npz(full, {n: s[1:] for n, s in shapes.items()}, dtypes)


def _npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], str]:
    """Shape and dtype of a `.npy` file, versions 1 to 3 of the format."""
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY":
        raise ValueError("an array in it has no header")
    form = "<H" if magic[6] == 1 else "<I"
    (length,) = struct.unpack(form, file.read(struct.calcsize(form)))
    header = literal_eval(file.read(length).decode("latin1"))
    if header["fortran_order"] and len(header["shape"]) > 1:
        raise ValueError("an array in it is in Fortran order")
    return header["shape"], str(header["descr"])[1:]


def inline_source(values: dict[str, Any], node: tree.Call) -> Inline:
    """Samples in the program."""
    if not values:
        raise Problem(
            "E0204", "`inline` needs values", node.span,
            hint="for example `inline(x = [[1.0], [2.0]])`",
        )  # fmt: skip
    first: int | None = None
    for argument in node.arguments:
        assert argument.name is not None
        value = values[argument.name]
        if not isinstance(value, list) or not value:
            raise Problem(
                "E0310",
                f"`{argument.name}` is a list of samples, not {describe(value)}",
                argument.value.span,
                hint=f"of one sample it is `[{argument.value.span.text}]`"
                if is_number(value)
                else None,
            )
        _shape(value, argument.value.span)
        if first is not None and len(value) != first:
            raise Problem(
                "E0501",
                f"`{argument.name}` has {len(value)} samples, the first has {first}",
                argument.value.span,
            )
        first = len(value)
    return Inline({name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _shape(value: Any, span: Span) -> tuple[int, ...]:
    """The shape of nested lists; a ragged one is a problem."""
    if isinstance(value, list):
        shapes = {_shape(item, span) for item in value}
        if len(shapes) != 1:
            found = " and ".join(str(list(shape)) for shape in sorted(shapes)[:2])
            raise Problem(
                "E0501",
                f"the lists differ in shape: {found}",
                span,
                hint="each sample has the same shape",
            )
        return (len(value), *shapes.pop())
    if isinstance(value, Dim) or not (is_number(value) or isinstance(value, bool)):
        hint = None
        if isinstance(value, str):
            hint = "a class is a number, counted from 0"
        raise Problem(
            "E0310", f"a number is needed, not {describe(value)}", span, hint=hint
        )
    return ()
