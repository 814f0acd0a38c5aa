"""One line of the printed form: its tokens, and the values written in it."""

import json
import re
from typing import Any, get_args

from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Definition, Initializer
from dlmc.ir.traced import Operation, Operator, Origin, Variable, traced
from dlmc.ir.types import DType, TensorType

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf\b|nan\b))
    | (?P<value>%(?:[\w.]+|"(?:[^"\\]|\\.)*"))
    | (?P<module>@[\w.]+)
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<definition><[^<>]*>)
    | (?P<name>[A-Za-z_]\w*(?:\.\w+)*)
    | (?P<mark>\*\*|//|[][(){},:;=+\-*/%])
    )""",
    re.VERBOSE,
)
_DTYPES = {dtype.value: dtype for dtype in DType}
_OPERATORS: dict[str, Operator] = {mark: mark for mark in get_args(Operator)}
_WORDS = {"true": True, "false": False, "none": None}


class ReadError(Exception):
    """A text that is no printed form."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


class LineReader:
    """Takes one line apart from left to right."""

    def __init__(self, line: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.position = 0
        start, text = 0, line.rstrip()
        while start < len(text):
            match = _TOKEN.match(text, start)
            if match is None:
                raise ReadError(f"cannot read {text[start:].strip()}")
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind]))
            start = match.end()

    @property
    def kind(self) -> str:
        """The kind of the next token, empty at the end."""
        return self.tokens[self.position][0] if not self.is_done else ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self.position == len(self.tokens)

    def peek(self) -> str:
        """The next token's text, empty at the end."""
        return "" if self.is_done else self.tokens[self.position][1]

    def take(self, wanted: str = "more") -> str:
        """The next token's text."""
        if self.is_done:
            raise ReadError(f"expected {wanted} at the end of the line")
        self.position += 1
        return self.tokens[self.position - 1][1]

    def accept(self, text: str) -> bool:
        """Take the next token where it is `text`."""
        if self.peek() != text:
            return False
        self.position += 1
        return True

    def expect(self, text: str) -> None:
        """Take the next token, which must be `text`."""
        if not self.accept(text):
            raise ReadError(f"expected {text}, got {self.peek() or 'nothing'}")

    word = expect

    def end(self) -> None:
        """Nothing may be left."""
        if not self.is_done:
            raise ReadError(f"{self.peek()} is too much")

    def name(self) -> str:
        """A name, plain or as a string."""
        if self.kind not in ("name", "string"):
            raise ReadError(f"expected a name, got {self.peek() or 'nothing'}")
        return _unquoted(self.take())

    def reference(self) -> str:
        """The name of a value, without its mark."""
        if self.kind != "value":
            raise ReadError(f"expected a value, got {self.peek() or 'nothing'}")
        return _unquoted(self.take()[1:])

    def type(self) -> TensorType:
        """A tensor type."""
        dtype = _DTYPES.get(self.peek())
        if dtype is None:
            raise ReadError(f"expected a dtype, got {self.peek() or 'nothing'}")
        self.take()
        shape = self._sequence("]") if self.accept("[") else ()
        return TensorType(dtype, tuple(shape))

    def assignments(self, close: str) -> dict[str, Any]:
        """`name = value, …` up to a closing mark."""
        values: dict[str, Any] = {}
        while not self.accept(close):
            name = self.name()
            self.expect("=")
            values[name] = self.value()
            if not self.accept(","):
                self.expect(close)
                break
        return values

    def value(self) -> Any:
        """A compile-time value."""
        text = self.peek()
        match self.kind:
            case "string":
                return _unquoted(self.take())
            case "definition":
                return Definition(self.take()[1:-1])
            case "name" if text in _WORDS:
                self.take()
                return _WORDS[text]
            case "name" if text in _DTYPES:
                self.take()
                return _DTYPES[text]
            case "name" if self._next_is("("):
                self.take()
                self.take()
                return Initializer(text, tuple(self.assignments(")").items()))
        if self.accept("["):
            return list(self._sequence("]"))
        if text == "(":
            return self._tuple_or_size()
        return self._sum()

    def _next_is(self, text: str) -> bool:
        following = self.tokens[self.position + 1 : self.position + 2]
        return [token for _, token in following] == [text]

    def _sequence(self, close: str) -> list[Any]:
        values: list[Any] = []
        while not self.accept(close):
            values.append(self.value())
            if not self.accept(","):
                self.expect(close)
                break
        return values

    def _tuple_or_size(self) -> Any:
        """`()`, `(a,)` and `(a, b)` are tuples, `(a)` begins a size."""
        start = self.position
        self.take()
        values: list[Any] = []
        is_tuple = self.peek() == ")"
        while not self.accept(")"):
            values.append(self.value())
            if self.accept(","):
                is_tuple = True
            else:
                self.expect(")")
                break
        if is_tuple:
            return tuple(values)
        self.position = start
        return self._sum()

    def _sum(self) -> Size:
        negative = self.accept("-")
        total = self._product() * (-1 if negative else 1)
        while self.peek() in ("+", "-"):
            operator = self.take()
            term = self._product()
            total = total + term if operator == "+" else total - term
        return total

    def _product(self) -> Size:
        result: Size = self._power()
        while self.peek() in ("*", "//"):
            operator = self.take()
            factor = self._power()
            result = result * factor if operator == "*" else result // factor
        return result

    def _power(self) -> Any:
        base = self._atom()
        return base ** self._atom() if self.accept("**") else base

    def _atom(self) -> Any:
        if self.accept("("):
            inner = self._sum()
            self.expect(")")
            return inner
        if self.kind == "name":
            return Dim.symbol(self.take())
        number = self._number()
        if not self.accept("{"):
            return number
        origin = self._origin()
        self.expect("}")
        if isinstance(origin, int | float):
            raise ReadError("an origin names a variable")
        return traced(number, origin)

    def _number(self) -> int | float:
        if self.kind != "number":
            raise ReadError(f"expected a value, got {self.peek() or 'nothing'}")
        text = self.take()
        return int(text) if re.fullmatch(r"-?\d+", text) else float(text)

    def _origin(self) -> Origin | int | float:
        left = self._origin_side()
        if self.peek() in ("}", ")"):
            return left
        operator = self.take("an operator")
        if operator not in _OPERATORS:
            raise ReadError(f"{operator} is no operator")
        return Operation(_OPERATORS[operator], left, self._origin_side())

    def _origin_side(self) -> Origin | int | float:
        if self.accept("("):
            inner = self._origin()
            self.expect(")")
            return inner
        if self.kind != "name":
            return self._number()
        name = self.take()
        if self.accept("["):  # an axis of an input without a name: x.shape[0]
            name += f"[{self.take()}]"
            self.expect("]")
        return Variable(name)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    unquoted: str = json.loads(text)
    return unquoted
