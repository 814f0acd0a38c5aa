"""Generated code, live in this process."""

import linecache
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType


def executed(
    source: str,
    kind: str,
    name: str,
    imports: Mapping[str, ModuleType] | None = None,
    folder: Path | None = None,
) -> ModuleType:
    """A module from its text; tracebacks show its lines.

    Args:
        source: The text.
        kind: What the file is called: `model`.
        name: What the program is called.
        imports: The other files of the project that it imports, by their names there.
        folder: Where the file is written, for code that reads its own text.
    """
    if folder is None:
        file = f"<{kind} of {name}>"
        lines = source.splitlines(keepends=True)
        linecache.cache[file] = (len(source), None, lines, file)
    else:
        path = folder / f"{kind}.py"
        path.write_text(source, "utf-8")
        file = str(path)
    full = f"dlmc_{kind}_{name}"
    # A module that is known by its name can be pickled.
    module = sys.modules[full] = ModuleType(full)
    module.__file__ = file
    with _importable(imports or {}):
        exec(compile(source, file, "exec"), module.__dict__)
    return module


@contextmanager
def _importable(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """These modules can be imported by these names, and by none of others' before."""
    hidden = {name: sys.modules.pop(name) for name in modules if name in sys.modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(hidden)
