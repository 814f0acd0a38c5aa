"""How far targets were from the meaning of definitions when that was last measured."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("measured.json")
"""By name and target the largest difference in any sample, of values and gradients in
all modes, relative to the largest number of the tensor; `make measure` writes it."""


@cache
def measured() -> Mapping[str, Mapping[str, float]]:
    """What the file has."""
    found: Mapping[str, Mapping[str, float]] = json.loads(FILE.read_text("utf-8"))
    return found


def difference(name: str, target: str) -> str | None:
    """The largest difference as people read it; None where it was not measured."""
    size = measured().get(name, {}).get(target)
    if size is None:
        return None
    return "0" if size == 0 else f"{size:.0e}"
