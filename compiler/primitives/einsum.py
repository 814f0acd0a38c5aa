"""Sums of products over named axes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

from dlmc.ir.dimensions import Size, product
from dlmc.ir.traced import origin_of
from dlmc.ir.types import TensorType
from dlmc.primitives import checks
from dlmc.primitives.arrays import Array, np, widened
from dlmc.primitives.base import (
    Builder,
    Fault,
    Gradients,
    Primitive,
    Term,
    primitive,
    sample,
)
from dlmc.primitives.checks import FLOAT

REST = "..."
_TOKEN = re.compile(r"\s*(\.\.\.|[A-Za-z_][A-Za-z0-9_]*|\d+|\S)")
_APART = re.compile(r"\w\s+\w")
"""Two names with a space between them."""

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The names of the axes of each operand and of the result; `...` is one of them."""

    inputs: tuple[Labels, ...]
    output: Labels

    @property
    def text(self) -> str:
        """With one letter for each name: `ni,io->no`."""
        letters = _letters(self)
        inputs, output = (
            ["".join(letters[name] for name in term) for term in terms]
            for terms in (self.inputs, [self.output])
        )
        return f"{','.join(inputs)}->{output[0]}"

    def expanded(self, ranks: Sequence[int]) -> "Pattern":
        """With a name for each of the axes that `...` stands for, `...1` for the last.

        `ranks` are the numbers of axes of the operands.
        """
        inputs = tuple(
            _expanded(term, rank - len(term) + 1)
            for term, rank in zip(self.inputs, ranks, strict=True)
        )
        most = max(len([n for n in term if n.startswith(REST)]) for term in inputs)
        return Pattern(inputs, _expanded(self.output, most))


def _expanded(term: Labels, count: int) -> Labels:
    rest = [f"{REST}{i}" for i in range(count, 0, -1)]
    return tuple(
        label for name in term for label in (rest if name == REST else (name,))
    )


def _letters(pattern: Pattern) -> dict[str, str]:
    """A letter for each name: itself, its first one, or any that is free."""
    names = dict.fromkeys(n for term in (*pattern.inputs, pattern.output) for n in term)
    letters = {n: n for n in names if n == REST or (len(n) == 1 and n in ascii_letters)}
    for name in names:
        if name not in letters:
            first = name.strip("_.0123456789")[:1]
            wishes = f"{first}{first.swapcase()}{ascii_letters}"
            letters[name] = next(c for c in wishes if c not in letters.values())
    return letters


def parse(text: Any, operands: Sequence[TensorType]) -> Pattern:
    """The pattern that a text says for operands, of names or of single letters.

    Raises:
        Fault: It is none, or its names do not fit the axes of the operands.
    """
    if not isinstance(text, str):
        raise Fault(
            f"einsum expects a pattern, got {checks.shown(text)}",
            code="E0310",
            hint=_EXAMPLE,
            argument="pattern",
        )
    left, arrow, right = text.partition("->")
    if not arrow:
        raise _fault(text, "says no result", _EXAMPLE)
    terms = [list(_tokens(term, text)) for term in left.split(",")]
    result = list(_tokens(right, text))
    if len(terms) != len(operands):
        raise _fault(
            text, f"is for {_counted(len(terms), 'tensor')}, {len(operands)} given"
        )
    if not _has_words(left, terms, operands):
        *terms, result = (_split(term) for term in (*terms, result))
    pattern = Pattern(tuple(map(tuple, terms)), tuple(result))
    _check(pattern, text, operands)
    return pattern


_EXAMPLE = 'for example einsum("n i, i o -> n o", x, weight)'


def _fault(pattern: str, message: str, hint: str | None = None) -> Fault:
    return Fault(
        f'einsum: "{pattern}" {message}', code="E0304", hint=hint, argument="pattern"
    )


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _tokens(term: str, text: str) -> Iterator[str]:
    for token in _TOKEN.findall(term):
        if token != REST and not token.isidentifier():
            raise _fault(text, f"has a `{token}`, which names no axis")
        yield token


def _has_words(
    text: str, terms: list[list[str]], operands: Sequence[TensorType]
) -> bool:
    """Whether names may be longer than a letter, or each letter is one.

    A space between two names says so; else `ij` is two axes of what has two.
    """
    if _APART.search(text):
        return True
    is_long = any(len(name) > 1 for term in terms for name in term if name != REST)
    return is_long and all(operand.rank <= 1 for operand in operands)


def _split(term: list[str]) -> list[str]:
    return [c for token in term for c in ([token] if token == REST else token)]


def _check(pattern: Pattern, text: str, operands: Sequence[TensorType]) -> None:
    for term, operand in zip(pattern.inputs, operands, strict=True):
        shown = " ".join(term)
        repeated = next((n for n in term if term.count(n) > 1), None)
        if repeated is not None:
            hint = None if repeated == REST else "diag(x) takes a matrix's diagonal"
            raise _fault(text, f"has `{repeated}` twice in `{shown}`", hint)
        names = len(term) - (REST in term)
        if operand.rank < names or (operand.rank > names and REST not in term):
            raise _fault(
                text,
                f"names {_counted(names, 'axis').replace('axiss', 'axes')} in "
                f"`{shown}`, the tensor is {operand}",
                "`...` stands for any further axes" if operand.rank > names else None,
            )
    known = {name for term in pattern.inputs for name in term}
    if len(known) > len(ascii_letters):
        raise _fault(text, "has more names than there are letters")
    for name in pattern.output:
        if name not in known:
            raise _fault(text, f"has `{name}` in the result and in no tensor")
        if pattern.output.count(name) > 1:
            raise _fault(text, f"has `{name}` twice in the result")
    if REST in known and REST not in pattern.output:
        raise _fault(text, "has `...` in a tensor and not in the result")
    _sizes(pattern, text, operands)


def _sizes(
    pattern: Pattern, text: str, operands: Sequence[TensorType]
) -> dict[str, Size]:
    """The size of each axis; of equal ones the traced one, for it says more."""
    sizes: dict[str, Size] = {}
    expanded = pattern.expanded([operand.rank for operand in operands])
    for term, operand in zip(expanded.inputs, operands, strict=True):
        for name, size in zip(term, operand.shape, strict=True):
            before = sizes.get(name, size)
            if before != size:
                shown = REST if name.startswith(REST) else name
                raise _fault(
                    text, f"gives the axis `{shown}` two sizes: {before} and {size}"
                )
            sizes[name] = size if origin_of(before) is None else before
    return sizes


@primitive
class Einsum(Primitive):
    """The sum of products that a pattern describes, of floats (Einstein's convention).

    The pattern names the axes of each tensor and those of the result: `"n i, i o ->
    n o"` is a matrix product. Axes of one name have one size; those that the result
    does not name are summed over, and `...` stands for any others. Without spaces each
    letter is a name: `"ni,io->no"`, which is the normal form.
    """

    name = "einsum"
    variadic = True
    leading = ("pattern",)
    samples = (
        sample("f32[N, 3]", "f32[3, 4]", pattern="n i, i o -> n o"),
        sample("f32[N, T, 3]", "f32[N, 5, 3]", pattern="ntd,nsd->nts"),
        sample(
            "f64[N, T, 6]", "f64[6, 2, 3]", pattern="batch time d, d h k -> batch h k"
        ),
        sample("f32[N, T, 3]", "f32[3, 4]", pattern="... i, i o -> ... o"),
        sample("f32[N, 2, 3]", "f32[2, 3]", pattern="... i, ... i -> ..."),
        sample("f32[N, 3]", "f32[3]", "f32[N, 4]", pattern="n i, i, n j -> j i n"),
        sample("f32[N, 3, T]", pattern="n c t -> t n"),
        sample("f32[4]", "f32[5]", pattern="i, j -> j i"),
        sample("f32[4]", "f32[4]", pattern="feature, feature ->"),
        sample("f16[2, 3]", "f16[4, 3]", pattern="ij,kj->ik"),
        sample("bf16[2, 3]", "bf16[4, 3]", pattern="ij,kj->ik"),
    )

    def normalize(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        text = self.filled(attributes)["pattern"]
        for operand in operands:
            checks.expect(self.name, "tensors", FLOAT, operand)
            checks.expect_one_dtype(self.name, operands[0], operand)
        pattern = parse(text, operands)
        ranks = [operand.rank for operand in operands]
        rests = {
            rank - len(term)
            for rank, term in zip(ranks, pattern.inputs, strict=True)
            if REST in term
        }
        # ONNX has one number of axes for every `...`.
        uniform = pattern if len(rests) <= 1 else pattern.expanded(ranks)
        return {"pattern": uniform.text}

    def infer(
        self, operands: tuple[TensorType, ...], attributes: Mapping[str, Any]
    ) -> TensorType:
        text = attributes["pattern"]
        pattern = parse(text, operands)
        sizes = _sizes(pattern, text, operands)
        output = pattern.expanded([operand.rank for operand in operands]).output
        return TensorType(operands[0].dtype, tuple(sizes[name] for name in output))

    def flops(
        self,
        operands: tuple[TensorType, ...],
        attributes: Mapping[str, Any],
        result: TensorType,
    ) -> Size:
        text = attributes["pattern"]
        sizes = _sizes(parse(text, operands), text, operands)
        return len(operands) * product(list(sizes.values()))

    def reference(self, *operands: Array, pattern: str) -> Array:
        total = np.einsum(pattern, *map(widened, operands), optimize=True)
        result: Array = np.asarray(total).astype(operands[0].dtype)
        return result

    def gradient(
        self, b: Builder, dy: Term, y: Term, *operands: Term, pattern: str
    ) -> Gradients:
        types = [operand.type for operand in operands]
        whole = parse(pattern, types).expanded([type_.rank for type_ in types])
        gradients: list[Term] = []
        for i, (operand, own) in enumerate(zip(operands, whole.inputs, strict=True)):
            others = [j for j in range(len(operands)) if j != i]
            inputs = (whole.output, *(whole.inputs[j] for j in others))
            reached = tuple(name for name in own if any(name in t for t in inputs))
            back = Pattern(inputs, reached).text
            made = b.einsum(dy, *(operands[j] for j in others), pattern=back)
            # An axis that was summed alone: each element of it has the same gradient.
            sizes = zip(own, operand.shape, strict=True)
            shape = [size if name in reached else 1 for name, size in sizes]
            gradients.append(b.reshape(made, shape=shape))
        return gradients
