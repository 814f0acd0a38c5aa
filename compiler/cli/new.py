"""`dlmc new`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dlmc.templates import Project


def _list(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the templates, and end."""
    if not wanted or ctx.resilient_parsing:
        return
    from dlmc.templates import TEMPLATES

    width = max(map(len, TEMPLATES))
    for template in TEMPLATES.values():
        click.echo(f"{template.name:{width}}  {template.says}")
    ctx.exit()


class TemplateName(click.ParamType[str]):
    """A template's name; which there are is looked up only when one is given."""

    name = "template"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name, if there is such a template."""
        from dlmc.templates import TEMPLATES

        if value not in TEMPLATES:
            self.fail(f"{value!r} is not one of {', '.join(TEMPLATES)}.", param, ctx)
        return value


@click.command()
@click.argument("name", metavar="NAME", type=click.Path(path_type=Path))
@click.option(
    "-t", "--template", type=TemplateName(), default="blank",
    help="blank, tabular or image (default: blank).",
)  # fmt: skip
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list,
    help="Show the templates.",
)  # fmt: skip
def new(name: Path, template: str) -> None:
    """Make a folder with a program that trains at once, and data beside it.

    NAME is the folder's; the program and its model are called after it.

    \b
    Example:
      dlmc new my-project --template tabular
    """
    from dlmc.cli.failure import WRONG_PROGRAM
    from dlmc.templates import TEMPLATES

    try:
        title = name.resolve().name
        project = TEMPLATES[template].project(title)
        _refuse(name)
        _write(project, name)
    except OSError as error:
        click.echo(f"error: {name}: {error.strerror or error}", err=True)
        sys.exit(WRONG_PROGRAM)
    click.echo(f"{name}: {', '.join(sorted(project.files()))}\n\nNext:")
    if name.resolve() != Path.cwd():
        click.echo(f"  cd {_quoted(name)}")
    click.echo(f"  dlmc check {project.program}")
    click.echo(f"  dlmc train {project.program} --target torch")


def _quoted(path: Path) -> str:
    """As a shell takes it."""
    from shlex import quote

    return quote(str(path))


def _refuse(folder: Path) -> None:
    """End with status 2 where something is in the way."""
    if folder.is_dir():
        if any(folder.iterdir()):
            raise click.UsageError(
                f"the folder {folder} is there already, and not empty"
            )
    elif folder.exists() or folder.is_symlink():
        raise click.UsageError(f"{folder} is there already, and no folder")
    if not folder.resolve().name:
        raise click.UsageError(f"{folder} has no name")


def _write(project: "Project", folder: Path) -> None:
    """All files of a project, or none."""
    with _stage(folder) as stage:
        for name, content in project.files().items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(content)
        if not folder.exists():
            stage.rename(folder)
            return
        # An empty folder stays the one it is: a shell may stand in it.
        moved: list[Path] = []
        try:
            for entry in sorted(stage.iterdir()):
                moved.append(folder / entry.name)
                entry.rename(moved[-1])
        except BaseException:
            for entry in moved:
                _remove(entry)
            raise


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to write in; what is left of it goes away."""
    import tempfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    parent = folder.resolve().parent
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=parent) as made:
        # Inside, because a temporary folder itself is its owner's alone.
        stage = Path(made) / "project"
        stage.mkdir()
        yield stage


def _remove(path: Path) -> None:
    from shutil import rmtree

    if path.is_dir():
        rmtree(path)
    else:
        path.unlink(missing_ok=True)
