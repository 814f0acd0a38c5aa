"""Projects to start from: a program that trains, its data, a few words about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from dlmc.backend import backend_names
from dlmc.templates.naming import Names, names_from

FILES = {
    "program.dlm.jinja": "{stem}.dlm",
    "README.md.jinja": "README.md",
}
"""What each template's own files are called in a project."""

COMMON = {"gitignore.jinja": ".gitignore"}
"""And those that all templates share."""


@dataclass(frozen=True)
class Template:
    """A kind of project."""

    name: str
    says: str
    data: tuple[str, ...] = ()
    """Files of the examples' data that the program reads."""

    def project(self, name: str) -> "Project":
        """The project of this kind that is called `name`."""
        return Project(self, name)


@dataclass(frozen=True)
class Project:
    """A project to be written."""

    template: Template
    title: str
    """What its user calls it."""

    @cached_property
    def names(self) -> Names:
        """What the program calls it."""
        return names_from(self.title)

    @property
    def program(self) -> str:
        """The name of the program's file."""
        return f"{self.names.stem}.dlm"

    def files(self) -> Mapping[str, bytes]:
        """The content of its files, by path relative to its folder."""
        folder = Path(__file__).parent
        own = folder / self.template.name
        found = {
            shown.format(stem=self.names.stem): self._rendered(own / file)
            for file, shown in FILES.items()
        }
        found |= {s: self._rendered(folder / file) for file, s in COMMON.items()}
        examples = resources.files("dlmc.example_data")
        for file in self.template.data:
            found[f"data/{file}"] = (examples / file).read_bytes()
        return found

    def _rendered(self, path: Path) -> bytes:
        from jinja2 import Environment, StrictUndefined

        environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
        text = environment.from_string(path.read_text("utf-8")).render(
            title=self.title,
            program=self.program,
            model=self.names.model,
            stem=self.names.stem,
            targets=backend_names(),
        )
        return text.encode()


TEMPLATES = {
    template.name: template
    for template in (
        Template("blank", "a line through a few points, explained line by line"),
        Template("tabular", "a table of measurements in classes", ("wine.csv",)),
        Template("image", "small images, told apart by convolutions", ("digits.csv",)),
    )
}
"""Every template by name."""
