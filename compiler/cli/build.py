"""`dlmc build`."""

import sys
from pathlib import Path

import click

_OTHER_NAMES = {
    "pytorch": "torch",
    "keras": "tensorflow",
    "tf": "tensorflow",
    "onnxruntime": "onnx",
    "ort": "onnx",
}
"""What people call targets, in small letters."""


class Target(click.ParamType[str]):
    """A backend's name; which there are is looked up only when one is given."""

    name = "target"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name, if there is such a backend."""
        from dlmc.backend import backend_names

        names = backend_names()
        if value not in names:
            near = _OTHER_NAMES.get(value.lower()) or _near(value, names)
            hint = f" Did you mean {near}?" if near in names else ""
            self.fail(f"{value!r} is not one of {', '.join(names)}.{hint}", param, ctx)
        return value


def _near(name: str, names: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name.lower(), names, n=1)), None)


@click.command()
@click.argument("file")
@click.option(
    "-t", "--target", "targets", type=Target(), multiple=True, required=True,
    help="torch, tensorflow or onnx; may be given several times.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=".",
    help="Where the project's folder is made (default: here).",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files edited by hand.")
@click.option(
    "--init", is_flag=True,
    help="Also write init.safetensors: the same initial weights for each target.",
)  # fmt: skip
@click.option(
    "--weights", type=click.Path(path_type=Path), metavar="FILE",
    help="Trained weights, .safetensors, for an ONNX graph to hold.",
)  # fmt: skip
def build(
    file: str,
    targets: tuple[str, ...],
    output: Path,
    force: bool,
    init: bool,
    weights: Path | None,
) -> None:
    """Write the project of a program for one or more targets.

    The folder is called after the program and the target: digits-torch.

    \b
    Example:
      dlmc build digits.dlm --target torch --target tensorflow -o projects
    """
    from dlmc.backend import backend

    holding = [target for target in targets if backend(target).holds_weights]
    if weights is not None and len(holding) < len(targets):
        raise click.UsageError(
            "--weights is for targets whose projects hold weights: onnx"
        )
    for folder in build_all(
        file, targets, output, force=force, init=init, weights=weights
    ):
        click.echo(folder)


def build_all(
    file: str,
    targets: tuple[str, ...],
    output: Path,
    *,
    force: bool,
    init: bool = False,
    weights: Path | None = None,
) -> list[Path]:
    """Build for each target; ends with status 1 where edited files are in the way.

    Warnings about the program go to standard error.
    """
    from dlmc.api import build_program, examine, program_of
    from dlmc.backend import WeightsError
    from dlmc.cli.failure import WRONG_PROGRAM, show
    from dlmc.output import EditedError
    from dlmc.sources import reason

    found = examine(file)
    program = program_of(found, file)
    if found.diagnostics:
        show(found.diagnostics)
    folders = []
    for target in dict.fromkeys(targets):
        try:
            folders.append(
                build_program(
                    program,
                    target=target,
                    output=output,
                    force=force,
                    init=init,
                    weights=weights,
                )
            )
        except EditedError as error:
            names = ", ".join(error.names)
            click.echo(
                f"error: {error.folder} is left as it is: {names} changed since it was"
                " generated\n  = help: `--force` overwrites it, `-o DIR` builds"
                " elsewhere",
                err=True,
            )
            sys.exit(WRONG_PROGRAM)
        except WeightsError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(WRONG_PROGRAM)
        except OSError as error:
            place = error.filename or output
            click.echo(f"error: {place}: {reason(error)}", err=True)
            sys.exit(WRONG_PROGRAM)
    return folders
