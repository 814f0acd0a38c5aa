"""The checks in `data.py`: whether labels and indices are in their ranges."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from dlmc.backends.python import tree as py
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code, function
from dlmc.ir.program import Csv, Field, Inline
from dlmc.passes.ranges import Range, input_ranges, ranges

quote = Quote()

CHECK = """
def check_range(
    path: Path,
    name: str,
    values: np.ndarray,
    size: int,
    kind: str,
    others: tuple[int, ...] = (),
) -> None:
    wrong = {wrong}
    if wrong.any():
        first = np.unravel_index(wrong.argmax(), wrong.shape)
        {place}
        raise ValueError({message})
"""
OUTSIDE = "(values < 0) | (values >= size)"
NOR_OTHERS = "((values < 0) | (values >= size)) & ~np.isin(values, others)"
MESSAGE = 'f"{{place}}: {{name}} is {{values[first]}}, but there are {{size}} {{kind}}"'
KNOWN = ' f" (0 to {{size - 1}})"'
KNOWN_AND_OTHERS = """ f" (0 to {{', '.join(map(str, (size - 1, *others)))}})" """
LINE = 'place = f"{{path}}, line {{line_of(path, int(first[0]))}}"'
SAMPLE = 'place = f"{{path}}, sample {{first[0] + 1}} of {{len(values)}}"'
SAMPLE_IN_PROGRAM = 'place = f"sample {{first[0] + 1}} of {{len(values)}}"'
LINE_OF = '''
def line_of(path: Path, sample: int) -> int:
    """The line of a table that a sample, counted from 0, ends with."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        for _ in range(sample + 1):
            next(rows)
        return rows.line_num
'''
SAYS = "Raise `ValueError` for a value that is not in 0 to size - 1"


class RangeChecks:
    """The checks of a plan's data."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.source = plan.training.data.source

    @cached_property
    def ranges(self) -> Sequence[Range]:
        """What is checked of samples to train on."""
        return ranges(self.plan.training)

    def of_samples(self) -> Iterator[py.Statement]:
        """The checks of all fields, in `samples`."""
        for one in self.ranges:
            name = self.plan.field_names[one.field]
            yield from self._check(one, quote("samples.{name}", name=name))

    def of_input(self, field: Field, value: py.Expression) -> list[py.Statement]:
        """The checks of a field that a model takes, whose array this is."""
        checked = {(one.field, one.part) for one in self.ranges}
        return [
            check
            for one in input_ranges(self.plan.training.model)
            if one.field == field.name and (one.field, one.part) in checked
            for check in self._check(one, value)
        ]

    def _check(self, one: Range, value: py.Expression) -> tuple[py.Statement, ...]:
        field = next(f for f in self.plan.fields if f.name == one.field)
        given: list[object] = [] if self.is_inline else [py.Name("path")]
        given += [field.name, _part(value, field, one), one.size]
        given.append("classes" if one.is_class else "entries")
        if one.others:
            given.append(tuple(sorted(one.others)))
        return code("check_range({given})", given=given)

    def functions(self) -> list[py.Statement]:
        """What the checks call."""
        if not self.ranges:
            return []
        has_others = any(one.others for one in self.ranges)
        absent = ["path"] * self.is_inline + ["others"] * (not has_others)
        is_table = isinstance(self.source, Csv)
        place = LINE if is_table else SAMPLE_IN_PROGRAM if self.is_inline else SAMPLE
        known = KNOWN_AND_OTHERS if has_others else KNOWN
        check = function(
            CHECK,
            without=absent,
            says=f"{SAYS}, nor in others." if has_others else f"{SAYS}.",
            wrong=quote(NOR_OTHERS if has_others else OUTSIDE),
            place=list(code(place)),
            message=quote(f"({MESSAGE}{known})"),
        )
        return [check, *(code(LINE_OF) if is_table else ())]

    @property
    def is_inline(self) -> bool:
        """Whether the samples stand in the program."""
        return isinstance(self.source, Inline)


def _part(value: py.Expression, field: Field, one: Range) -> py.Expression:
    """The part of a field's array that a range is for."""
    if one.part is None:
        return value
    entries = [":"]
    for (start, stop, step), size in zip(one.part, field.type.shape, strict=True):
        low = str(start) if start else ""
        high = str(stop) if stop != size else ""
        entries.append(f"{low}:{high}" + (f":{step}" if step != 1 else ""))
    while entries[-1] == ":":
        entries.pop()
    return quote(f"{{value}}[{', '.join(entries)}]", value=value)
