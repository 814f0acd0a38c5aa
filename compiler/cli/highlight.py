"""DLM in colour, for terminals."""

from itertools import pairwise

import click

from dlmc.grammar.lexer import lex
from dlmc.grammar.span import Source
from dlmc.grammar.tables import tables

COLOURS = {"DOCSTRING": "green", "STRING": "green", "NUMBER": "cyan"}


def highlight(text: str) -> str:
    """A text of the language with the codes that terminals take for colours."""
    tokens, _ = lex(Source("", text))
    keywords = tables().keywords
    parts = [text[: tokens[0].start]]
    for token, following in pairwise(tokens):
        colour = "magenta" if token.text in keywords else COLOURS.get(token.kind)
        shown = token.text if colour is None else click.style(token.text, fg=colour)
        # Comments and blanks stand between tokens.
        parts += [shown, text[token.end : following.start]]
    parts.append(text[tokens[-1].start :])
    return "".join(parts)
