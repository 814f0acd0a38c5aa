"""Writes trees of Python as `ruff format` leaves them, imports as `ruff check` does."""

import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence

from dlmc.backends.python import layout, placement
from dlmc.backends.python import tree as py
from dlmc.backends.python.bracketing import (
    Place,
    commas,
    parenthesized_if_broken,
    separated,
)
from dlmc.backends.python.shape import has_brackets
from dlmc.backends.python.text import visible
from dlmc.grammar.document import (
    SOFT,
    Document,
    Group,
    IfBroken,
    Indent,
    render,
)

WIDTH = 88


def expression(node: py.Expression, indent: int = 0, start: int | None = None) -> str:
    """An expression as it stands at the end of a statement.

    `start` is the number of columns taken before it on its line (`indent` if None).
    """
    return render(placement.value(node), WIDTH, indent, start)


def on_one_line(node: py.Expression) -> str:
    """An expression without a line break, however long."""
    return render(layout.document(node, Place.BARE), width=1_000_000)


def statements(body: Sequence[py.Statement], indent: int = 0) -> str:
    """Statements at an indentation of `indent` columns; ends with a line break."""
    lines = _Writer(indent, "module" if indent == 0 else "function").body(body)
    return "".join(f"{line}\n" for line in lines)


def module(node: py.Module, local: Collection[str] = ()) -> str:
    """A whole file: documentation, sorted imports, body.

    `local` names the project's own modules, which are imported after all others.
    """
    parts = []
    if node.documentation:
        parts.append("\n".join(docstring(node.documentation, 0)) + "\n")
    needed = imports(py.imports(node.body), local)
    if needed:
        parts.append(needed)
    body = statements(node.body)
    head = "\n".join(parts)
    if not body:
        return head
    first = next(s for s in node.body if not isinstance(s, py.Comment | py.Blank))
    gap = "\n\n" if isinstance(first, py.Function | py.Class) else "\n"
    return f"{head}{gap}{body}" if head else body


# --- Imports ---


def imports(needed: Iterable[py.Import], local: Collection[str] = ()) -> str:
    """Import statements, sorted in sections; empty where nothing is needed."""
    sections: dict[int, set[py.Import]] = {}
    for one in needed:
        root = one.module.partition(".")[0]
        kind = 0 if root in sys.stdlib_module_names else 2 if root in local else 1
        sections.setdefault(kind, set()).add(one)
    blocks = (_section(sections[kind]) for kind in sorted(sections))
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _section(needed: Collection[py.Import]) -> list[str]:
    straight = sorted((i for i in needed if i.name is None), key=_module_key)
    lines = [f"import {i.module}{_alias(i)}" for i in straight]
    members: dict[tuple[str, str], list[py.Import]] = {}
    for one in needed:
        if one.name is not None:
            # A renamed member is imported in a statement of its own.
            own = one.name if _alias(one) else ""
            members.setdefault((one.module, own), []).append(one)
    order = sorted(members, key=lambda key: (key[0].lower(), key[0], key[1]))
    for key in order:
        names = sorted(members[key], key=_member_key)
        written = [f"{i.name}{_alias(i)}" for i in names]
        lines += _from_import(key[0], written)
    return lines


def _alias(one: py.Import) -> str:
    own = one.name or one.module
    return f" as {one.alias}" if one.alias and one.alias != own else ""


def _module_key(one: py.Import) -> tuple[str, str, str]:
    return one.module.lower(), one.module, one.alias or ""


def _member_key(one: py.Import) -> tuple[int, str, str]:
    """Constants first, then classes, then the rest, as isort orders them."""
    name = one.name or ""
    is_constant = len(name) > 1 and name.isupper()
    kind = 0 if is_constant else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


def _from_import(module: str, names: Sequence[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


# --- Text ---


def docstring(documentation: str, indent: int) -> list[str]:
    """Lines of a docstring; long lines of it are wrapped."""
    escaped = documentation.strip().replace("\\", "\\\\")
    escaped = visible(escaped.replace('"""', '\\"\\"\\"'), lambda c: repr(c)[1:-1])
    room = WIDTH - indent
    pad = " " * indent
    lines: list[str] = []
    source = textwrap.dedent(escaped.expandtabs()).splitlines()
    is_single = len(source) == 1
    while source:
        line = source.pop(0).rstrip()
        # The first line stands behind the quotes; a single one before them as well.
        width = room - 3 * (not lines) - 3 * is_single
        if len(line) <= width:
            lines.append(line)
            continue
        hanging = line[: len(line) - len(line.lstrip())]
        # One line that does not fit with its quotes becomes two.
        fits_alone = is_single and not lines and len(line) <= room - 3
        wrapped = textwrap.wrap(
            line.strip(),
            width if fits_alone else room - 3,
            initial_indent=hanging,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if len(wrapped) > 1 and source and _goes_on(source[0], hanging):
            source[0] = f"{wrapped.pop()} {source[0].lstrip()}"
        lines += wrapped
    if lines[-1].endswith('"') and len(lines) == 1:
        lines[-1] = f'{lines[-1][:-1]}\\"'
    if len(lines) == 1:
        return [f'{pad}"""{lines[0]}"""']
    body = [f"{pad}{line}" if line else "" for line in lines[1:]]
    return [f'{pad}"""{lines[0]}', *body, f'{pad}"""']


def _goes_on(line: str, indent: str) -> bool:
    """Whether a line is the next of a paragraph, not of a list or a signature."""
    begins = line.removeprefix(indent)[:1]
    return line.startswith(indent) and (begins.isalpha() or begins in ("`", "("))


def comment(text: str, indent: int) -> list[str]:
    """Lines of a comment; long lines of it are wrapped."""
    pad = " " * indent
    lines: list[str] = []
    for line in visible(text).splitlines() or [""]:
        wrapped = textwrap.wrap(
            line.strip(),
            WIDTH - indent - 2,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped or [""]
    return [f"{pad}# {line}".rstrip() for line in lines]


# --- Statements ---


class _Writer:
    """Writes statements at one indentation, `inside` a module, class or function."""

    def __init__(self, indent: int, inside: str) -> None:
        self.indent = indent
        self.inside = inside
        self.pad = " " * indent

    def body(self, body: Sequence[py.Statement]) -> list[str]:
        """The lines of a body, with the empty lines that its statements call for."""
        lines: list[str] = []
        previous: py.Statement | None = None
        blank = False
        for index, statement in enumerate(body):
            if isinstance(statement, py.Blank):
                blank = True
                continue
            gap = max(self.gap(previous, body[index:]), int(blank))
            if lines or (self.inside == "block" and gap):
                lines += [""] * gap
            lines += self.statement(statement)
            previous, blank = statement, False
        return lines

    def gap(
        self, previous: py.Statement | None, upcoming: Sequence[py.Statement]
    ) -> int:
        """How many empty lines stand before the first of `upcoming`."""
        definitions = (py.Function, py.Class)
        following = next((s for s in upcoming if not isinstance(s, py.Comment)), None)
        if isinstance(previous, py.Comment):
            return 0
        if not isinstance(previous, definitions) and not isinstance(
            following, definitions
        ):
            return 0
        return 2 if self.inside == "module" else 1

    def inner(self, body: Sequence[py.Statement], inside: str) -> list[str]:
        """The lines of a body one level deeper; `pass` where it says nothing."""
        if all(isinstance(s, py.Blank | py.Comment) for s in body):
            body = [*body, py.Pass()]
        return _Writer(self.indent + 4, inside).body(body)

    def lines(self, document: Document, remark: str | None = None) -> list[str]:
        """The lines of a statement made from a document.

        A remark stands behind it where both fit on a line, else before it.
        """
        rendered = render(document, WIDTH, self.indent)
        lines = f"{self.pad}{rendered}".split("\n")
        if remark is None:
            return lines
        behind = f"{lines[0]}  # {remark}"
        if len(lines) == 1 and len(behind) <= WIDTH:
            return [behind]
        return [*comment(remark, self.indent), *lines]

    def statement(self, statement: py.Statement) -> list[str]:
        match statement:
            case py.Assign():
                return self.lines(_assign(statement), statement.comment)
            case py.AugmentedAssign(target, operator, value):
                left = layout.document(target, Place.BARE)
                if has_brackets(target):
                    return self.lines(placement.assignment(left, f"{operator}=", value))
                return self.lines([left, f" {operator}= ", placement.value(value)])
            case py.Evaluate(value):
                return self.lines(placement.statement(value))
            case py.Return(value):
                if value is None:
                    return [f"{self.pad}return"]
                return self.lines(["return ", placement.result(value)])
            case py.Raise(value):
                return self.lines(["raise ", placement.optionally_parenthesized(value)])
            case py.Pass():
                return [f"{self.pad}pass"]
            case py.Comment(text):
                return comment(text, self.indent)
            case py.Blank():
                return []
            case py.If():
                return self.conditional(statement, "if")
            case py.For(target, iterable, body):
                head: Document = [
                    "for ",
                    placement.value(target),
                    " in ",
                    placement.optionally_parenthesized(iterable),
                    ":",
                ]
                return [*self.lines(head), *self.inner(body, "block")]
            case py.While(condition, body):
                test = placement.optionally_parenthesized(condition)
                return [*self.lines(["while ", test, ":"]), *self.inner(body, "block")]
            case py.With(items, body):
                head = ["with ", _contexts(items), ":"]
                return [*self.lines(head), *self.inner(body, "block")]
            case py.Function():
                return self.function(statement)
            case py.Class():
                return self.class_(statement)

    def conditional(self, statement: py.If, keyword: str) -> list[str]:
        test = placement.optionally_parenthesized(statement.condition)
        lines = self.lines([f"{keyword} ", test, ":"])
        lines += self.inner(statement.body, "block")
        match statement.otherwise:
            case ():
                return lines
            case (py.If() as nested,):
                return [*lines, *self.conditional(nested, "elif")]
            case otherwise:
                return [*lines, f"{self.pad}else:", *self.inner(otherwise, "block")]

    def decorators(self, decorators: Sequence[py.Expression]) -> list[str]:
        return [
            line
            for decorator in decorators
            for line in self.lines(["@", placement.optionally_parenthesized(decorator)])
        ]

    def function(self, statement: py.Function) -> list[str]:
        lines = self.decorators(statement.decorators)
        lines += self.lines([f"def {statement.name}", _signature(statement), ":"])
        if statement.documentation:
            lines += docstring(statement.documentation, self.indent + 4)
            if not statement.body:
                return lines
        return lines + self.inner(statement.body, "function")

    def class_(self, statement: py.Class) -> list[str]:
        lines = self.decorators(statement.decorators)
        bases = layout.arguments(statement.bases) if statement.bases else ""
        lines += self.lines([f"class {statement.name}", bases, ":"])
        if statement.documentation:
            lines += docstring(statement.documentation, self.indent + 4)
            if not statement.body:
                return lines
            lines.append("")
        return lines + self.inner(statement.body, "class")


def _assign(statement: py.Assign) -> Document:
    target, value = statement.target, statement.value
    if statement.annotation is None:
        assert value is not None
        left = placement.target(target)
        if isinstance(target, py.Tuple) or has_brackets(target):
            return placement.assignment(left, "=", value)
        return [left, " = ", placement.value(value)]
    head: Document = [layout.document(target, Place.BARE), ": "]
    annotation = statement.annotation
    if value is None:
        return [head, placement.value(annotation)]
    if placement.is_splittable(annotation):
        left = placement.annotation(annotation)
        return [head, placement.assignment(left, "=", value)]
    return [
        head,
        layout.document(annotation, Place.BARE),
        " = ",
        placement.value(value),
    ]


def _contexts(items: Sequence[tuple[py.Expression, py.Expression | None]]) -> Document:
    if len(items) == 1:
        return placement.context(*items[0])
    documents: list[Document] = []
    for context, target in items:
        item = layout.document(context, Place.INSIDE)
        bound = [" as ", placement.target(target)] if target is not None else ""
        documents.append([item, bound])
    return parenthesized_if_broken(commas(documents))


def _signature(statement: py.Function) -> Document:
    parameters = [_parameter(parameter) for parameter in statement.parameters]
    written: Document = "()"
    if parameters:
        inner: Document = [*separated(parameters), IfBroken(",")]
        if len(parameters) > 1:
            inner = Group(inner)
        written = ["(", Indent([SOFT, inner]), SOFT, ")"]
    if statement.returns is None:
        return Group(written)
    returns = placement.returned(statement.returns, bool(parameters))
    return Group([written, " -> ", returns])


def _parameter(parameter: py.Parameter) -> Document:
    result: list[Document] = [parameter.name]
    if parameter.annotation is not None:
        result += [": ", layout.document(parameter.annotation, Place.INSIDE)]
    if parameter.default is not None:
        equals = "=" if parameter.annotation is None else " = "
        result += [equals, layout.document(parameter.default, Place.INSIDE)]
    return result
