"""What `import dlmc` offers: the commands as functions."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlmc.diagnostics import Diagnostic, DlmError, Label, Severity
from dlmc.elaborate.program import Elaborated, elaborate
from dlmc.grammar.span import Source
from dlmc.sources import decoded, read_source, reason

if TYPE_CHECKING:
    from dlmc.ir.program import Program
    from dlmc.verification.report import Report

PathLike = str | os.PathLike[str]


def check(path: PathLike) -> tuple[Diagnostic, ...]:
    """All errors and warnings of a program, in the order of the text.

    `-` reads standard input, relative to the working directory.
    """
    return examine(path).diagnostics


def read(path: PathLike) -> "Program":
    """The program in a file, with at least one model.

    Raises:
        DlmError: It has errors; they are all in the exception.
    """
    return program_of(_elaborated(path), path)


def program_of(found: Elaborated, path: PathLike) -> "Program":
    """The program that came of the file `path`; raises as `read` does."""
    if found.program is None:
        raise DlmError([d for d in found.diagnostics if d.severity is Severity.ERROR])
    if not found.program.models:
        raise DlmError([_without_model(os.fspath(path))])
    return found.program


def _without_model(name: str) -> Diagnostic:
    return Diagnostic(
        "E0002",
        f"{name} declares no model",
        None,
        hint="a `block` becomes a `model` when every input has a full type",
    )


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
    return build_program(
        read(path),
        target=target,
        output=output,
        force=force,
        init=init,
        weights=weights,
    )


def build_program(
    program: "Program",
    *,
    target: str,
    output: PathLike | None = None,
    force: bool = False,
    init: bool = False,
    weights: PathLike | None = None,
) -> Path:
    """Write the project of a program that has been read; all else as in `build`."""
    from dlmc.backend import Unsupported, backend
    from dlmc.output import write_project

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


def verify(
    path: PathLike,
    *,
    targets: Sequence[str] = (),
    training: str | None = None,
    steps: int = 300,
    batch: int | None = None,
    seed: int | None = None,
    tolerance: float | None = None,
    precision: str = "f64",
    noise: bool = False,
    explain: bool = False,
    progress: "Callable[[str, int], None]" = lambda name, step: None,
) -> "Report":
    """Compare what a program does on each target with what it means.

    Outputs, loss, gradients, states and some steps of each training, against the
    interpreter's; the frameworks run in processes of their own.

    Args:
        path: The `.dlm` file.
        targets: Names of backends; by default all whose frameworks are installed.
        training: The name of one training; by default all.
        steps: How many steps each training takes.
        batch: Samples a step, instead of the program's.
        seed: Of initial weights and the order of data, instead of the program's.
        tolerance: Of every quantity, instead of its own.
        precision: `f64` runs trainings in 64 bits, `f32` as the program is typed.
        noise: Keep dropout and the like; what depends on it is not judged.
        explain: Look for the operation that differs, where a target does.
        progress: Called after each step with the training's name and how many it took.

    Raises:
        DlmError: The program has errors.
        KeyError: There is no such target.
        dlmc.verification.run.UnknownTraining: There is no such training.
        dlmc.verification.run.MissingTarget: A target of `targets` is not installed.
        dlmc.interpreter.InterpreterError: The program has no result on its data.
        dlmc.trial.DataError: The data of a training cannot be read.
    """
    from dlmc.verification.case import Settings
    from dlmc.verification.places import settings_of
    from dlmc.verification.run import verify_program

    found = _elaborated(path)
    program = program_of(found, path)
    assert found.file is not None
    settings = Settings(steps, batch, seed, tolerance, precision == "f64", noise)
    places = settings_of(found.file) if explain else None
    return verify_program(program, targets, training, settings, places, progress)


def _unsupported(target: str, found: Any) -> Diagnostic:
    return Diagnostic(
        "E0701", f"{target}: {found.message}", Label(found.span), (), found.hint
    )


def examine(path: PathLike) -> Elaborated:
    """A file's program, if it has no errors, and all that is to be said about it."""
    from dlmc.lint import lint

    found = _elaborated(path)
    return replace(found, diagnostics=(*found.diagnostics, *lint(found)))


def _elaborated(path: PathLike) -> Elaborated:
    name = os.fspath(path)
    try:
        if name == "-":
            text, folder, shown = decoded(sys.stdin.buffer.read()), Path(), "<stdin>"
        else:
            file = Path(name)
            text, folder, shown = read_source(file), file.parent, name
    except IsADirectoryError:
        return Elaborated(None, (_folder(name),))
    except (OSError, ValueError) as error:
        message = f"{name}: {reason(error)}"
        return Elaborated(None, (Diagnostic("E0001", message, None),))
    found = elaborate(Source(shown, text), folder)
    is_named_so = name == "-" or name.endswith(".dlm")
    if not is_named_so and any(d.code.startswith("E01") for d in found.diagnostics):
        return Elaborated(None, (_no_program(name),))
    return found


def _folder(name: str) -> Diagnostic:
    """What is said about a folder in the place of a program."""
    programs = sorted(path.name for path in Path(name).glob("*.dlm"))
    listed = ", ".join(programs[:3]) + (", …" if len(programs) > 3 else "")
    return Diagnostic(
        "E0001",
        f"{name} is a folder, not a program",
        None,
        hint=f"name a program in it: {listed}" if programs else "it has no .dlm file",
    )


def _no_program(name: str) -> Diagnostic:
    """What is said about a text whose name and content are not those of a program."""
    return Diagnostic(
        "E0001",
        f"{name} does not look like a program",
        None,
        hint="the name of a program ends in .dlm; then each mistake in it is shown",
    )
