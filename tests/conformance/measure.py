"""Measure how far each target is from the meaning of each definition; write the file.

python -m tests.conformance.measure
"""

import json
from collections.abc import Iterator

from dlmc.backend import Unsupported
from dlmc.catalogue.measured import FILE
from dlmc.ir.types import DType
from tests.conformance.cases import (
    Case,
    applied,
    draws,
    library_cases,
    primitive_cases,
    written,
)
from tests.conformance.comparison import measured, narrowest
from tests.conformance.targets import TARGETS


def cases() -> Iterator[tuple[str, tuple[Case, ...]]]:
    """All names whose results can be compared, and their samples."""
    for name in applied():
        yield name, library_cases(name)
    for name in written():
        found = primitive_cases(name)
        if not any(draws(case.module, training=False) for case in found):
            yield name, found


def largest(target: str, found: tuple[Case, ...]) -> float | None:
    """The largest difference on a target, None where it can express no sample."""
    sizes = []
    for case in found:
        if narrowest(case) not in (DType.F32, DType.F64):
            continue  # which are rounded far more
        try:
            sizes += [one.size for one in measured(target, case)]
        except Unsupported:
            continue
    return max(sizes, default=None)


def main() -> None:
    """Measure, and write what was found, to one digit."""
    table = {}
    for name, found in sorted(cases()):
        sizes = {target: largest(target, found) for target in sorted(TARGETS)}
        table[name] = {t: float(f"{s:.0e}") for t, s in sizes.items() if s is not None}
        print(name, table[name], flush=True)
    lines = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in table.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
