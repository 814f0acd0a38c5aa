"""What a run of `dlmc check` found, file by file."""

from dataclasses import dataclass

from dlmc.diagnostics.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Report:
    """All that is said about a file, which is named as on the command line."""

    file: str
    diagnostics: tuple[Diagnostic, ...]
