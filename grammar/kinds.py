"""Groups of the kinds of token, by what they do in a program."""

DECLARATIONS = frozenset(
    {"CONST", "FN", "BLOCK", "MODEL", "OPTIMIZER", "DATA", "TRAIN", "USE"}
)
"""The words that a declaration starts with."""

STATEMENTS = frozenset(
    {"INPUT", "OUTPUT", "PARAM", "STATE", "FOR", "IF", "SCAN", "EMIT"}
)
"""The words that a statement starts with."""

ANY_NAME = (DECLARATIONS | STATEMENTS | {"NAME", "IN", "OVER", "NEW", "ON"}) - {
    "FN",
    "IF",
}
"""What the grammar calls `_any_name`."""

COMPARISONS = frozenset({"LT", "LE", "GT", "GE", "EQ", "NE"})

OPERATORS = COMPARISONS | {
    *("ARROW", "OR", "AND", "NOT", "DOTS", "POWER"),
    *("PLUS", "MINUS", "STAR", "SLASH", "FLOOR", "PERCENT", "AT"),
}

VALUE_STARTS = frozenset(
    {
        *("NAME", "NUMBER", "STRING", "TRUE", "FALSE", "LPAR", "LSQB"),
        *("MINUS", "PLUS", "NOT", "IF", "FN"),
    }
)
"""What an expression starts with."""

VALUE_ENDS = frozenset({"NAME", "NUMBER", "STRING", "TRUE", "FALSE", "RPAR", "RSQB"})
"""What an expression ends with."""

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
"""Kind of bracket → kind of the bracket that closes it."""

CLOSING = {close: open for open, close in OPENING.items()}
"""Kind of bracket → kind of the bracket that opens it."""
