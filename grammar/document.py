"""Documents: text with choices of where to break it, and the printer that chooses.

A document is laid out for a line width in the manner of Wadler's and Prettier's
printers, with the refinements that a formatter of programs needs: breaks that depend on
whether an enclosing group broke, parentheses that appear only if something breaks,
choices among several layouts, comments. Nothing here knows what language is written:
the formatter of DLM and the printer of generated Python build their own documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

INDENT = 4
"""Columns of a level, where a document does not say otherwise."""


class Mode(Enum):
    """Whether the breaks of a group are lines or not."""

    FLAT = "flat"
    EXPANDED = "expanded"


class LineKind(Enum):
    """What a line break is where its group is flat."""

    SOFT = "nothing"
    SPACE = "a space"
    HARD = "a line break all the same"


@dataclass(frozen=True, slots=True)
class Line:
    """A place to break a line."""

    kind: LineKind


SOFT = Line(LineKind.SOFT)
SPACE = Line(LineKind.SPACE)
HARD = Line(LineKind.HARD)


class Identity:
    """Names a group, so that others can ask how it was laid out."""


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines in `content` stand one level deeper."""

    content: "Document"
    columns: int = INDENT


@dataclass(frozen=True, slots=True)
class Align:
    """Lines in `content` stand at the column where it starts."""

    content: "Document"


@dataclass(frozen=True, slots=True)
class Note:
    """A comment, which ends its line and takes no room: it is no reason to break."""

    text: str


@dataclass(frozen=True, slots=True)
class IndentIfBroken:
    """Lines in `content` stand one level deeper if `group` broke."""

    content: "Document"
    group: Identity


@dataclass(frozen=True, slots=True)
class Group:
    """Flat where it fits on the line, its breaks all lines otherwise.

    With `condition`, it is a group only where the group of that name broke, and else a
    part of the group around it.
    """

    content: "Document"
    name: Identity | None = None
    condition: Identity | None = None
    expand: bool = False


@dataclass(frozen=True, slots=True)
class IfBroken:
    """`broken` where the group (the one around it if None) broke, else `flat`."""

    broken: "Document"
    flat: "Document" = ""
    group: Identity | None = None


@dataclass(frozen=True, slots=True)
class MayExpand:
    """Content whose breaks do not break the groups around it.

    An enclosing group fits if it does with this expanded. With a condition, only where
    the group of that name is flat.
    """

    content: "Document"
    condition: Identity | None = None


class Measure(Enum):
    """How far to look when asking whether something fits."""

    FIRST_LINE = "to the first line break"
    ALL_LINES = "to the end"
    BREAKS = "to the end, but the lines after the first may be too long"


@dataclass(frozen=True, slots=True)
class Choice:
    """The first of several layouts that fits, so far as measured, else the last."""

    layouts: tuple["Document", ...]
    measure: Measure = Measure.FIRST_LINE


@dataclass(frozen=True, slots=True)
class ParenthesizeToFit:
    """Content put into parentheses on lines of its own, if it fits only then."""

    content: "Document"
    name: Identity


Document: TypeAlias = (
    str
    | Line
    | Indent
    | Align
    | Note
    | IndentIfBroken
    | Group
    | IfBroken
    | MayExpand
    | Choice
    | ParenthesizeToFit
    | Sequence["Document"]
)


class _Entry(NamedTuple):
    document: Document
    indent: int
    mode: Mode
    measure: Measure = Measure.FIRST_LINE
    since: int = 0
    """For `Measure.BREAKS`, the line on which it starts."""

    def of(
        self,
        document: Document,
        mode: Mode | None = None,
        measure: Measure | None = None,
        deeper: int = 0,
    ) -> "_Entry":
        return _Entry(
            document,
            self.indent + deeper,
            mode or self.mode,
            measure or self.measure,
            self.since,
        )


@dataclass(slots=True)
class _Layout:
    width: int
    start: int
    """Columns already taken on the first line."""
    indent: int
    modes: dict[Identity, Mode] = field(default_factory=dict)
    fitted: bool = False
    """Whether an enclosing group has been found to fit, up to the next line break."""
    column: int = 0
    out: list[str] = field(default_factory=list)
    line_start: bool = False

    def run(self, document: Document) -> str:
        self.column = self.start
        stack: list[_Entry] = [_Entry(document, self.indent, Mode.EXPANDED)]
        while stack:
            entry = stack.pop()
            self.step(entry, stack)
        return "".join(self.out)

    def write(self, text: str) -> None:
        if self.line_start and text:
            self.out.append(" " * self.column)
            self.line_start = False
        self.out.append(text)
        self.column += len(text)

    def newline(self, indent: int) -> None:
        while self.out and self.out[-1] == " ":
            self.out.pop()
        self.out.append("\n")
        self.column = indent
        self.line_start = True
        self.fitted = False

    def step(self, entry: _Entry, stack: list[_Entry]) -> None:
        match entry.document:
            case str(text):
                self.write(text)
            case Line(kind):
                if entry.mode is Mode.EXPANDED or kind is LineKind.HARD:
                    self.newline(entry.indent)
                elif kind is LineKind.SPACE:
                    self.write(" ")
            case Indent(content, columns):
                stack.append(entry.of(content, deeper=columns))
            case Align(content):
                stack.append(entry.of(content, deeper=self.column - entry.indent))
            case Note(text):
                self.write(text)
            case IndentIfBroken(content, group):
                is_broken = self.modes[group] is Mode.EXPANDED
                stack.append(entry.of(content, deeper=INDENT * is_broken))
            case IfBroken(broken, flat, group):
                mode = entry.mode if group is None else self.modes[group]
                stack.append(entry.of(broken if mode is Mode.EXPANDED else flat))
            case Group(content, name, condition, expand):
                if condition is not None and self.modes[condition] is Mode.FLAT:
                    stack.append(entry.of(content))
                else:
                    mode = self.group_mode(entry.of(content), name, expand, stack)
                    stack.append(entry.of(content, mode))
            case MayExpand(content, condition):
                if condition is None or self.modes[condition] is Mode.FLAT:
                    self.fitted = False  # what it holds was measured expanded
                stack.append(entry.of(content))
            case Choice(layouts, measure):
                stack.append(self.chosen(entry, layouts, measure, stack))
            case ParenthesizeToFit(content, name):
                self.parenthesize(entry, content, name, stack)
            case items:
                stack.extend(entry.of(item) for item in reversed(items))

    def group_mode(
        self, entry: _Entry, name: Identity | None, expand: bool, stack: list[_Entry]
    ) -> Mode:
        if expand:
            mode = Mode.EXPANDED
        elif entry.mode is Mode.FLAT and self.fitted:
            mode = Mode.FLAT
        else:
            self.fitted = True
            if name is not None:
                self.modes[name] = Mode.FLAT
            fits = self.fits(entry.of(entry.document, Mode.FLAT), stack)
            mode = Mode.FLAT if fits else Mode.EXPANDED
        if name is not None:
            self.modes[name] = mode
        return mode

    def chosen(
        self,
        entry: _Entry,
        layouts: tuple[Document, ...],
        measure: Measure,
        stack: list[_Entry],
    ) -> _Entry:
        if entry.mode is Mode.FLAT and self.fitted:
            return entry.of(layouts[0])
        self.fitted = True
        for index, layout in enumerate(layouts[:-1]):
            candidate = entry.of(layout, Mode.FLAT, measure)
            if self.fits(candidate, stack):
                return entry.of(layout, Mode.EXPANDED if index else Mode.FLAT)
        return entry.of(layouts[-1], Mode.EXPANDED)

    def parenthesize(
        self, entry: _Entry, content: Document, name: Identity, stack: list[_Entry]
    ) -> None:
        if self.group_mode(entry.of(content), name, False, stack) is Mode.FLAT:
            stack.append(entry.of(content, Mode.FLAT))
            return
        self.modes[name] = Mode.EXPANDED
        wrapped: Document = ["(", Indent([HARD, content]), HARD, ")"]
        inside = entry.of(wrapped, Mode.EXPANDED)
        if self.fits(entry.of(wrapped, Mode.EXPANDED, Measure.ALL_LINES), stack):
            stack.append(inside)
        else:
            self.modes[name] = Mode.FLAT
            stack.append(entry.of(content, Mode.FLAT))

    def fits(self, entry: _Entry, rest: list[_Entry]) -> bool:
        """Whether `entry`, and what follows on its line, fits on the line."""
        column, line = self.column, 0
        modes = self.modes
        queue = [entry]
        upcoming = len(rest)
        while True:
            if not queue:
                if not upcoming:
                    return True
                upcoming -= 1
                queue.append(rest[upcoming])
                continue
            entry = queue.pop()
            flat = entry.mode is Mode.FLAT
            match entry.document:
                case str(text):
                    column += len(text)
                    free = entry.measure is Measure.BREAKS and line > entry.since
                    if column > self.width and not free:
                        return False
                case Line(kind):
                    if flat and kind is not LineKind.HARD:
                        if kind is LineKind.SPACE:
                            column += 1
                    elif entry.measure is Measure.FIRST_LINE:
                        return True
                    else:
                        column = entry.indent
                        line += 1
                case Indent(content, columns):
                    queue.append(entry.of(content, deeper=columns))
                case Align(content):
                    queue.append(entry.of(content, deeper=column - entry.indent))
                case Note():
                    pass
                case IndentIfBroken(content, group):
                    is_broken = modes[group] is Mode.EXPANDED
                    queue.append(entry.of(content, deeper=INDENT * is_broken))
                case IfBroken(broken, otherwise, group):
                    mode = entry.mode if group is None else modes[group]
                    expanded = mode is Mode.EXPANDED
                    queue.append(entry.of(broken if expanded else otherwise))
                case Group(content, name, condition, expand):
                    mode = Mode.EXPANDED if expand else entry.mode
                    if condition is not None and modes[condition] is Mode.FLAT:
                        mode = entry.mode
                    if name is not None:
                        modes[name] = mode
                    queue.append(entry.of(content, mode))
                case MayExpand(content, condition):
                    if flat and (condition is None or modes[condition] is Mode.FLAT):
                        inside = entry.of(content, Mode.EXPANDED, Measure.BREAKS)
                        queue.append(inside._replace(since=line))
                    else:
                        queue.append(entry.of(content))
                case Choice(layouts):
                    queue.append(entry.of(layouts[0] if flat else layouts[-1]))
                case ParenthesizeToFit(content, name):
                    modes[name] = entry.mode
                    queue.append(entry.of(content))
                case items:
                    queue.extend(entry.of(item) for item in reversed(items))


def flat(document: Document, columns: int) -> str | None:
    """A document on one line of at most so many columns; None if it cannot be."""
    out: list[str] = []
    free = columns
    queue: list[Document] = [document]
    while queue:
        match queue.pop():
            case str(text):
                free -= len(text)
                if free < 0:
                    return None
                out.append(text)
            case list(items):
                queue += reversed(items)
            case Line(LineKind.HARD) | Group(expand=True):
                return None
            case Line(kind):
                queue.append(" " if kind is LineKind.SPACE else "")
            case Note():
                return None  # it ends its line
            case IfBroken(_, otherwise):
                queue.append(otherwise)
            case Choice(layouts):
                queue.append(layouts[0])
            case (
                Group(content)
                | Indent(content)
                | Align(content)
                | IndentIfBroken(content)
                | MayExpand(content)
                | ParenthesizeToFit(content)
            ):
                queue.append(content)
            case items:
                queue += reversed(items)
    return "".join(out)


def render(
    document: Document, width: int = 88, indent: int = 0, start: int | None = None
) -> str:
    """Lay a document out.

    `indent` is that of its lines after the first; `start` how many columns of the first
    line are taken (the indentation, where nothing else is given).
    """
    return _Layout(width, indent if start is None else start, indent).run(document)
