"""From a source to its syntax tree."""

from bisect import bisect_left
from functools import cache

from dlmc.grammar import literals
from dlmc.grammar.automaton import Automaton, Rejected, Stack
from dlmc.grammar.builder import Builder
from dlmc.grammar.faults import Refused, SyntaxFault, SyntaxFaults
from dlmc.grammar.foreign import ERROR
from dlmc.grammar.lexer import Token, lex
from dlmc.grammar.nesting import refuse_deep
from dlmc.grammar.recovery import declaration_starts, enclosing, is_start
from dlmc.grammar.span import Source, Span
from dlmc.grammar.tables import tables
from dlmc.grammar.tree import Declaration, Expression, File


def parse(source: Source, start: int = 0, end: int | None = None) -> File:
    """The syntax tree of a file, or of whole declarations that are a part of it.

    Raises:
        SyntaxFaults: The text is not a program. Of each declaration the first fault is
            named, and all those of single tokens.
    """
    tokens, faults = lex(source, start, end)
    faults += refuse_deep(tokens)
    declarations: tuple[Token | Declaration, ...] = ()
    starts: list[int] = []
    begin: int | None = 0
    while begin is not None:
        try:
            declarations = _automaton().parse(tokens, "file", begin)
            break
        except Rejected as rejected:
            index = rejected.index
            starts = starts or declaration_starts(tokens)
            if is_start(starts, index - 1):
                # A declaration's word was taken for the name of a setting.
                index -= 1
            first, following = enclosing(starts, index)
            if tokens[index].kind != ERROR:
                stack = _automaton().stack(tokens, "file", begin, index)
                fault = _explained(tokens, first, index, following, stack)
                faults.append(fault)
                if fault.code == "E0113":  # no word of a comment starts a declaration
                    end_of_line = source.text.find("\n", fault.span.end)
                    following = next(
                        (s for s in starts if tokens[s].start > end_of_line >= 0), None
                    )
            begin = following
        except Refused as refused:
            offset = refused.fault.span.start
            index = bisect_left(tokens, offset, key=lambda token: token.start)
            starts = starts or declaration_starts(tokens)
            _, begin = enclosing(starts, index)
            faults.append(refused.fault)
    _raise(faults)
    documentation = None
    if declarations and isinstance(declarations[0], Token):
        documentation = literals.documentation(declarations[0].text)
    return File(
        Span(source, start, len(source.text) if end is None else end),
        tuple(d for d in declarations if not isinstance(d, Token)),
        documentation,
    )


def parse_expression(source: Source, start: int, end: int) -> Expression:
    """The syntax tree of an expression that covers a part of a source.

    Raises:
        SyntaxFaults: The part is not an expression.
    """
    tokens, faults = lex(source, start, end)
    faults += refuse_deep(tokens)
    expression: Expression | None = None
    try:
        expression = _automaton().parse(tokens, "expression")
    except Rejected as rejected:
        index = rejected.index
        if tokens[index].kind != ERROR:
            stack = _automaton().stack(tokens, "expression", 0, index)
            faults.append(_explained(tokens, 0, index, None, stack))
    except Refused as refused:
        faults.append(refused.fault)
    _raise(faults)
    assert expression is not None
    return expression


def _explained(
    tokens: list[Token], first: int, index: int, following: int | None, stack: Stack
) -> SyntaxFault:
    """What is wrong at token `index` of the declaration from `first` to `following`."""
    # Most programs need no message.
    from dlmc.grammar.messages import explain
    from dlmc.grammar.messages.place import Place

    limit = len(tokens) - 1 if following is None else following
    return explain(Place(tokens, first, index, limit, stack))


def _raise(faults: list[SyntaxFault]) -> None:
    """Raise what was found, in the order of the text."""
    if faults:
        raise SyntaxFaults(tuple(sorted(faults, key=lambda fault: fault.span.start)))


@cache
def _automaton() -> Automaton:
    """The parser of the language."""
    return Automaton(tables(), Builder())
