"""Random trees of Python, to be printed."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from dlmc.backends.python import tree as py

NAMES = [
    *("x", "y", "a", "self", "image", "weight", "torch", "running_mean"),
    *("hidden_states", "num_batches_tracked_so_far", "position_embedding_table_weight"),
]
LITERALS = [
    *(0, 1, 2, -1, 10, 0.5, 1e-5, -3.5, 123456789, True, None, "mean", 'say "hi"'),
    *("it's", "a line of words that goes on and on until it has to be broken in two"),
]
SPECIFICATIONS = ["", ".4f"]
BASES = ["name", "name", "attribute", "call", "chain", "subscript"]


class RandomTrees:
    """Draws trees from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kinds: dict[str, Callable[[int], py.Expression]] = {
            name.removeprefix("make_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("make_")
        }

    def identifier(self) -> str:
        return self.random.choice(NAMES)

    def expression(self, depth: int, kinds: Sequence[str] = ()) -> py.Expression:
        if depth <= 0:
            kinds = ("name", "name", "literal")
        kind = self.random.choice(kinds or [*self.kinds, "call", "call", "binary"])
        return self.kinds[kind](depth - 1)

    def several(self, depth: int, *counts: int) -> tuple[py.Expression, ...]:
        count = self.random.choice(counts)
        return tuple(self.expression(depth) for _ in range(count))

    def make_name(self, depth: int) -> py.Expression:
        return py.Name(self.identifier())

    def make_literal(self, depth: int) -> py.Expression:
        return py.Literal(self.random.choice(LITERALS))

    def make_attribute(self, depth: int) -> py.Expression:
        return py.Attribute(self.expression(depth, BASES), self.identifier())

    def make_call(self, depth: int) -> py.Expression:
        function: py.Expression = py.Name(self.identifier())
        for _ in range(self.random.randint(0, 2)):
            function = py.Attribute(function, self.identifier())
        names = self.random.sample(NAMES, self.random.choice([0, 0, 1, 2]))
        keywords = tuple(py.Keyword(name, self.expression(depth)) for name in names)
        return py.Call(function, self.several(depth, 0, 1, 1, 2, 3), keywords)

    def make_chain(self, depth: int) -> py.Expression:
        chain: py.Expression = py.Name(self.identifier())
        for _ in range(self.random.randint(1, 4)):
            method = py.Attribute(chain, self.identifier())
            chain = py.Call(method, self.several(depth - 1, 0, 1, 1, 2))
        return chain

    def make_generator(self, depth: int) -> py.Expression:
        clause = [self.expression(depth) for _ in range(2)]
        target = py.Name(self.identifier())
        inner = py.Comprehension("generator", clause[0], target, clause[1])
        return py.Call(py.Name(self.identifier()), (inner,))

    def make_subscript(self, depth: int) -> py.Expression:
        index = self.expression(depth)
        if self.random.random() < 0.5:
            index = py.Tuple((index, self.expression(depth)))
        return py.Subscript(self.expression(depth, BASES[:4]), index)

    def make_slices(self, depth: int) -> py.Expression:
        def part() -> py.Slice:
            ends: list[Any] = [
                self.random.choice([None, self.expression(depth)]) for _ in range(2)
            ]
            step = self.expression(depth) if self.random.random() < 0.2 else None
            return py.Slice(ends[0], ends[1], step)

        index: py.Expression = part()
        if self.random.random() < 0.5:
            index = py.Tuple((index, self.expression(depth), part()))
        return py.Subscript(py.Name(self.identifier()), index)

    def make_binary(self, depth: int) -> py.Expression:
        operators = ["+", "-", "*", "/", "@", "**", "+", "*", "//", "%", "|", "&"]
        operator: Any = self.random.choice(operators)
        return py.Binary(self.expression(depth), operator, self.expression(depth))

    def make_compare(self, depth: int) -> py.Expression:
        comparators = ["==", "<", "in", "not in", "is", "is not", ">="]
        comparator: Any = self.random.choice(comparators)
        return py.Compare(self.expression(depth), comparator, self.expression(depth))

    def make_boolean(self, depth: int) -> py.Expression:
        operator: Any = self.random.choice(["and", "or"])
        return py.Boolean(operator, self.several(depth, 2, 3, 4))

    def make_conditional(self, depth: int) -> py.Expression:
        return py.Conditional(*(self.expression(depth) for _ in range(3)))

    def make_unary(self, depth: int) -> py.Expression:
        operator: Any = self.random.choice(["-", "not", "~"])
        return py.Unary(operator, self.expression(depth))

    def make_lambda(self, depth: int) -> py.Expression:
        parameters = tuple(self.random.sample("abc", self.random.randint(0, 2)))
        return py.Lambda(parameters, self.expression(depth, ["name", "call", "binary"]))

    def make_tuple(self, depth: int) -> py.Expression:
        return py.Tuple(self.several(depth, 0, 1, 2, 3))

    def make_list(self, depth: int) -> py.Expression:
        return py.List(self.several(depth, 0, 1, 2, 3, 4))

    def make_dict(self, depth: int) -> py.Expression:
        keys = [self.expression(0) for _ in range(self.random.randint(0, 3))]
        return py.Dict(tuple((key, self.expression(depth)) for key in keys))

    def make_comprehension(self, depth: int) -> py.Expression:
        kind: Any = self.random.choice(["list", "set", "dict"])
        names = tuple(py.Name(self.identifier()) for _ in range(2))
        return py.Comprehension(
            kind,
            self.expression(depth),
            self.random.choice([names[0], py.Tuple(names)]),
            self.expression(depth),
            self.several(depth, 0, 0, 1),
            self.expression(depth) if kind == "dict" else None,
        )

    def make_fstring(self, depth: int) -> py.Expression:
        parts: list[str | py.Formatted] = []
        for _ in range(self.random.randint(1, 4)):
            value: py.Expression = py.Name(self.identifier())
            if self.random.random() < 0.3:
                value = py.Subscript(value, py.Literal("key"))
            specification = self.random.choice(SPECIFICATIONS)
            parts += [
                self.random.choice(["loss ", "  of validation ", "="]),
                py.Formatted(value, specification),
            ]
        return py.FString(tuple(parts))

    # -- statements --

    def target(self) -> py.Expression:
        own = py.Attribute(py.Name("self"), self.identifier())
        name = py.Name(self.identifier())
        item = py.Subscript(name, self.expression(1))
        return self.random.choice([name, own, item, py.Tuple((name, own))])

    def annotation(self) -> py.Expression:
        name, other = (py.Name(self.identifier()) for _ in range(2))
        several = py.Tuple((name, py.Subscript(other, name), other))
        return self.random.choice(
            [name, py.Attribute(name, "T"), py.Subscript(name, several)]
        )

    def statement(self) -> py.Statement:
        depth = self.random.randint(1, 4)
        value = self.expression(depth)
        body: tuple[py.Statement, ...] = (py.Pass(),)
        name = py.Name(self.identifier())
        kinds: list[Callable[[], py.Statement]] = [
            *[lambda: py.Assign(self.target(), value)] * 4,
            *[lambda: py.Return(value)] * 2,
            lambda: py.Return(py.Tuple((value, self.expression(depth)))),
            lambda: py.Evaluate(self.expression(depth, ["call", "chain"])),
            lambda: py.AugmentedAssign(name, "*", value),
            lambda: py.Assign(name, value, self.annotation()),
            lambda: py.Assign(name, None, self.annotation()),
            lambda: py.Raise(self.expression(depth, ["call"])),
            lambda: py.If(value, body, (py.If(self.expression(depth), body, body),)),
            lambda: py.While(value, body),
            lambda: py.For(py.Tuple((name, name)), self.expression(depth, BASES), body),
            lambda: py.With(((self.expression(depth, ["call"]), name),), body),
            lambda: py.With(
                tuple((self.expression(depth, ["call"]), name) for _ in range(2)), body
            ),
            self.function,
        ]
        return self.random.choice(kinds)()

    def function(self) -> py.Function:
        names = self.random.sample(NAMES, self.random.randint(0, 6))
        parameters = tuple(
            py.Parameter(name, self.random.choice([None, self.annotation()]))
            for name in names
        )
        returns = self.random.choice([None, self.annotation()])
        return py.Function("f", parameters, (py.Pass(),), returns)
