"""Declarations that use themselves, which the language has no meaning for."""

from collections.abc import Iterable, Iterator

from dlmc.diagnostics import Label
from dlmc.elaborate.problems import Problem
from dlmc.grammar import tree
from dlmc.grammar.names import free_names


def recursions(
    declarations: Iterable[tree.Declaration],
) -> Iterator[tuple[Problem, list[str]]]:
    """Each circle of declarations that use each other: what to say, and its names."""
    uses: dict[str, dict[str, tree.Name]] = {}
    named = [d for d in declarations if isinstance(d, _NAMED)]
    known = {declaration.name.name for declaration in named}
    for declaration in named:
        found = uses.setdefault(declaration.name.name, {})
        for used in free_names(declaration):
            if used.name in known:
                found.setdefault(used.name, used)
    done: set[str] = set()
    for start in uses:
        path: dict[str, None] = {}  # in order, and quick to ask
        pending = [iter([start])]
        while pending:
            name = next(pending[-1], None)
            if name is None:
                pending.pop()
                if path:
                    done.add(path.popitem()[0])
            elif name in path:
                names = list(path)
                circle = names[names.index(name) :]
                yield _problem(circle, uses), circle
            elif name not in done:
                path[name] = None
                pending.append(iter(uses[name]))


_NAMED = (tree.Const, tree.FunctionDeclaration, tree.Block, tree.Optimizer)


def _problem(circle: list[str], uses: dict[str, dict[str, tree.Name]]) -> Problem:
    first = circle[0]
    steps = list(zip(circle, [*circle[1:], first], strict=True))
    _, *others = (uses[name][used].span for name, used in steps)
    through = ""
    if others:
        chain = " uses ".join(f"`{name}`" for name in [*circle, first])
        through = f": {chain}"
    return Problem(
        "E0207",
        f"`{first}` uses itself{through}",
        uses[first][steps[0][1]].span,
        labels=tuple(Label(span, "and here") for span in others),
        hint="there is no recursion; a repetition is a loop: `for i in 0..n { … }`",
    )
