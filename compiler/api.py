"""What `import dlmc` offers: the commands as functions."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlmc.diagnostics import Diagnostic, DlmError, Label, Severity
from dlmc.elaborate.program import Elaborated, elaborate
from dlmc.grammar.span import Source

if TYPE_CHECKING:
    from dlmc.ir.program import Program

PathLike = str | os.PathLike[str]
MAX_BYTES = 16 * 1024 * 1024
"""The largest program that is read; a larger file is some other kind of file."""


def check(path: PathLike) -> tuple[Diagnostic, ...]:
    """All errors and warnings of a program, in the order of the text.

    `-` reads standard input, relative to the working directory.
    """
    return _elaborated(path).diagnostics


def read(path: PathLike) -> "Program":
    """The program in a file.

    Raises:
        DlmError: It has errors; they are all in the exception.
    """
    found = _elaborated(path)
    if found.program is None:
        raise DlmError([d for d in found.diagnostics if d.severity is Severity.ERROR])
    return found.program


def build(
    path: PathLike,
    *,
    target: str,
    output: PathLike | None = None,
    force: bool = False,
    init: bool = False,
    weights: PathLike | None = None,
) -> Path:
    """Write the project of a program for a target; returns its folder.

    Args:
        path: The `.dlm` file.
        target: `torch`, `tensorflow`, `onnx` or another installed backend's name.
        output: The folder in which the project's folder `NAME-TARGET` is made; by
            default the working directory.
        force: Overwrite files that were edited since they were generated.
        init: Also write `init.safetensors`, the program's initial weights: the same for
            each target, for `train.py --init`.
        weights: A weight file (`.safetensors`) whose values an ONNX graph then holds.

    Raises:
        DlmError: The program has errors, or the target cannot express it.
        KeyError: There is no such target.
        ValueError: The target's projects hold no weights, or they are another model's.
        dlmc.output.EditedError: A file in the folder was edited by hand.
    """
    from dlmc.backend import Unsupported, backend
    from dlmc.output import write_project

    program = read(path)
    made = backend(target)
    if weights is not None and not made.holds_weights:
        raise ValueError(f"a {target} project holds no weights: it reads them")
    try:
        files = dict(made.build(program, None if weights is None else Path(weights)))
    except Unsupported as unsupported:
        raise DlmError([_unsupported(target, unsupported)]) from None
    if init:
        from dlmc.weights import initial_weight_file

        files["init.safetensors"] = initial_weight_file(program)
    folder = Path(output or ".") / f"{program.name}-{target}"
    write_project(folder, files, force=force)
    return folder


def load(
    path: PathLike,
    *,
    target: str,
    weights: PathLike | Mapping[str, Any] | None = None,
) -> Any:
    """The program's model, live: an `nn.Module`, a `keras.Model`, an ONNX session.

    Args:
        path: The `.dlm` file.
        target: A backend's name.
        weights: A weight file (`.safetensors`) or NumPy arrays by full dotted name;
            without them the target's own initialisers start the model.

    Raises:
        DlmError: The program has errors, or the target cannot express it.
        KeyError: There is no such target.
    """
    from dlmc.backend import Unsupported, backend

    program = read(path)
    arrays: Mapping[str, Any] | None
    if weights is None or isinstance(weights, Mapping):
        arrays = weights
    else:
        from safetensors.numpy import load_file

        arrays = load_file(weights)
    try:
        return backend(target).load(program, arrays)
    except Unsupported as unsupported:
        raise DlmError([_unsupported(target, unsupported)]) from None


def _unsupported(target: str, found: Any) -> Diagnostic:
    return Diagnostic(
        "E0701", f"{target}: {found.message}", Label(found.span), (), found.hint
    )


def _elaborated(path: PathLike) -> Elaborated:
    name = os.fspath(path)
    try:
        if name == "-":
            content, folder, shown = sys.stdin.buffer.read(), Path(), "<stdin>"
        else:
            file = Path(name)
            with file.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            folder, shown = file.parent, file.name
        text = _decoded(content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{name}: {reason[0].lower()}{reason[1:]}"
        return Elaborated(None, (Diagnostic("E0001", message, None),))
    return elaborate(Source(shown, text), folder)


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise ValueError("the file is too large to be a program")
    if b"\0" in content:
        raise ValueError("the file is binary, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"the file is not UTF-8 (line {line})") from None
