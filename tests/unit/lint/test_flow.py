"""Which values of a body are used, against every way in which it may run."""

import random
from collections.abc import Iterable, Iterator, Sequence

import pytest

from dlmc.grammar import tree
from dlmc.grammar.parser import parse
from dlmc.grammar.span import Source
from dlmc.lint.flow import Body
from dlmc.lint.syntax import names

NAMES = ("a", "b", "c")
TURNS = (0, 1, 2)
"""A third turn meets nothing that the second has not met."""

Meaning = dict[str, int]
"""For each name, the place in the text where it got its value."""


def body(rng: random.Random, depth: int, length: int) -> str:
    """Statements that bind and ask for a few names."""
    lines: list[str] = []
    for _ in range(rng.randint(1, length)):
        kind = rng.choice(["bind", "bind", "bind", "if", "for"]) if depth else "bind"
        if kind == "bind":
            value = rng.choice([*NAMES, "1", f"{rng.choice(NAMES)} + 1"])
            lines.append(f"{rng.choice(NAMES)} = {value}")
        elif kind == "if":
            otherwise = f" else {{ {body(rng, depth - 1, 2)} }}"
            lines.append(
                f"if {rng.choice([*NAMES, 'true'])} {{ {body(rng, depth - 1, 2)} }}"
                + rng.choice(["", otherwise])
            )
        else:
            lines.append(f"for i in 0..n {{ {body(rng, depth - 1, 2)} }}")
    return "\n".join(lines)


def ways(
    statements: Sequence[tree.Statement], start: Meaning, used: set[int]
) -> Iterator[Meaning]:
    """What names may stand for after statements; adds to `used` what is asked for."""
    if not statements:
        yield start
        return
    first, *rest = statements
    for after in {tuple(m.items()): m for m in _step(first, start, used)}.values():
        yield from ways(rest, after, used)


def _step(
    statement: tree.Statement, meaning: Meaning, used: set[int]
) -> Iterator[Meaning]:
    def ask(*nodes: tree.Node) -> None:
        used.update(meaning[name] for name in names(*nodes) if name in meaning)

    match statement:
        case tree.Binding(targets=(target,), value=value):
            ask(value)
            yield {**meaning, target.name: target.span.start}
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            ask(condition)
            yield from ways(then, meaning, used)
            yield from ways(otherwise, meaning, used)
        case tree.For(body=inside):
            now = [meaning]
            for _ in TURNS:
                yield from now
                now = [m for before in now for m in ways(inside, before, used)]
        case tree.Output(value=value):
            ask(value)
            yield meaning
        case _:
            raise AssertionError(statement)


def bindings(statements: Iterable[tree.Statement]) -> Iterator[int]:
    """The places of all bindings."""
    for statement in statements:
        match statement:
            case tree.Binding(targets=(target,)):
                yield target.span.start
            case tree.If(then=then, otherwise=otherwise):
                yield from bindings((*then, *otherwise))
            case tree.For(body=inside):
                yield from bindings(inside)


@pytest.mark.parametrize("seed", range(300))
def test_against_every_way(seed: int) -> None:
    """A value is unused if it is asked for on no way."""
    text = f"block B {{ {body(random.Random(seed), 2, 4)} output a }}"
    (block,) = parse(Source("test.dlm", text)).declarations
    assert isinstance(block, tree.Block)
    used: set[int] = set()
    assert list(ways(block.body, {}, used))
    followed = Body([])
    followed.run(block.body)
    unused = {definition.span.start for definition in followed.unused()}
    assert unused == set(bindings(block.body)) - used, text


def test_the_ways_find_both() -> None:
    """The random bodies have values that are used, and values that are not."""
    kinds = set()
    for seed in range(20):
        text = f"block B {{ {body(random.Random(seed), 2, 4)} output a }}"
        (block,) = parse(Source("test.dlm", text)).declarations
        assert isinstance(block, tree.Block)
        used: set[int] = set()
        list(ways(block.body, {}, used))
        kinds |= {place in used for place in bindings(block.body)}
    assert kinds == {True, False}
