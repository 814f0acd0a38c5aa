"""What each installed target has for an entry, as its backend says."""

from dataclasses import dataclass

from dlmc.backend import Unsupported, backend, backend_names
from dlmc.catalogue.entry import Entry

WRITTEN_OUT = "written out"


@dataclass(frozen=True, slots=True)
class Support:
    """One target: the framework's own code, or that there is none, or why not."""

    target: str
    code: str | None
    """None where a project writes out what the entry means."""
    missing: str | None = None
    """Why the target cannot express it, if it cannot."""

    @property
    def text(self) -> str:
        """For people."""
        if self.missing is not None:
            return f"not there: {self.missing}"
        return WRITTEN_OUT if self.code is None else self.code


def support(entry: Entry) -> tuple[Support, ...]:
    """Of an entry that has an example, for each target; of another nothing."""
    if entry.example is None:
        return ()
    found = []
    for name in backend_names():
        try:
            code = backend(name).native(entry.example.program, entry.name)
            found.append(Support(name, code))
        except Unsupported as unsupported:
            found.append(Support(name, None, unsupported.message))
    return tuple(found)
