"""The one layout of a program: `formatted` writes a text anew, and means the same."""

from dlmc.grammar.formatter.format import FormatError, formatted

__all__ = ["FormatError", "formatted"]
