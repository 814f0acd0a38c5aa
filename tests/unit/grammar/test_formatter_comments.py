"""Where the formatter puts comments."""
# A layout has 100 columns.
# ruff: noqa: E501

import pytest

from dlmc.grammar.formatter import formatted
from tests.unit.grammar.nodes import source

PLACES = {
    "a file": (
        '#!dlmc\n# License\n\n\n"""F.""" # f\n# a\n\n# b\nconst a=1 # c\n# end',
        '#!dlmc\n# License\n\n"""F."""  # f\n\n# a\n\n# b\nconst a = 1  # c\n\n# end\n',
    ),
    "a documented declaration": (
        'const z = 1\n# a\n"""D.""" # b\n\n# c\nconst a=1',
        'const z = 1\n\n# a\n"""D."""  # b\n# c\nconst a = 1\n',
    ),
    "a body": (
        "block B{# a\n# b\n\n\ninput x:f32 # c\n# d\n\n# e\n} # f",
        "block B {  # a\n  # b\n\n  input x: f32  # c\n  # d\n\n  # e\n}  # f\n",
    ),
    "a body with nothing else": (
        "block B { # a\n }\nblock C {\n# a\n}",
        "block B {  # a\n}\n\nblock C {\n  # a\n}\n",
    ),
    "settings": (
        "train M on d { # a\nloss = x # b\n# c\noptimizer = y # d\n}",
        "train M on d {  # a\n  loss      = x  # b\n  # c\n  optimizer = y  # d\n}\n",
    ),
    "branches": (
        "block B { if a { x = 1 # a\n} # b\n else # c\n { # d\n x = 2 } # e\n}",
        "block B {\n  if a {\n    x = 1  # a\n  } else {  # d\n    # b\n    # c\n    x = 2\n"
        "  }  # e\n}\n",
    ),
    "an else with nothing but a comment": (
        "block B { if a { x = 1 } else { # a\n} }",
        "block B {\n  if a {\n    x = 1\n  } else {  # a\n  }\n}\n",
    ),
    "an if in an else that has a comment too": (
        "block B { if a { } else { # a\n if b { } } if a { } else { if b { }\n# a\n } }",
        "block B {\n  if a {\n  } else {  # a\n    if b {}\n  }\n"
        "  if a {\n  } else {\n    if b {}\n    # a\n  }\n}\n",
    ),
    "an if in an else that has a comment before or beside it": (
        "block B { if a { } else {\n# a\n if b { } } if a { } else { if b { } # a\n } }",
        "block B {\n  if a {\n  } else {\n    # a\n    if b {}\n  }\n"
        "  if a {\n  } else {\n    if b {}  # a\n  }\n}\n",
    ),
    "else if": (
        "block B { if a { } # a\n else # b\n if b { # c\n x = 1 } }",
        "block B {\n  if a {\n  } else if b {  # c\n    # a\n    # b\n    x = 1\n  }\n}\n",
    ),
    "arguments": (
        "const a = f( # a\n1, # b\n# c\nx = 2 # d\n, y = 3 # e\n# f\n)",
        "const a = f(\n  # a\n  1,  # b\n  # c\n  x = 2,  # d\n  y = 3,  # e\n  # f\n)\n",
    ),
    "arguments that are no names": (
        "const a = f(x + 1, # a\ny + 1)",
        "const a = f(\n  x + 1,  # a\n  y + 1,\n)\n",
    ),
    "an inner call": (
        "const a = f(g(x # a\n), y)",
        "const a = f(\n  g(\n    x,  # a\n  ),\n  y,\n)\n",
    ),
    "a call alone in a call": (
        "const a = f(g(x) # a\n)",
        "const a = f(\n  g(x),  # a\n)\n",
    ),
    "no arguments": ("const a = f( # a\n)", "const a = f(\n  # a\n)\n"),
    "numbers": (
        "const a = [ 1, 2, # a\n3, 4 # b\n]",
        "const a = [\n  1, 2,  # a\n  3, 4,  # b\n]\n",
    ),
    "rows": (
        "const a = [ # a\n[1, 2], # b\n[3, 4]]",
        "const a = [\n  # a\n  [1, 2],  # b\n  [3, 4],\n]\n",
    ),
    "parameters": (
        "fn f(a, # a\nb = 1) = a",
        "fn f(\n  a,  # a\n  b = 1,\n) = a\n",
    ),
    "dimensions": (
        "block B { input x: f32[N, # a\nD] }",
        "block B {\n  input x: f32[\n    N,  # a\n    D,\n  ]\n}\n",
    ),
    "a pipeline": (
        "const a = x # a\n -> f # b\n# c\n-> g # d",
        "const a = x  # a\n            -> f  # b\n            # c\n            -> g  # d\n",
    ),
    "a pipeline after a long name": (
        "block B { output logits: f32[N, 3] = x # a\n -> f # b\n}",
        "block B {\n  output logits: f32[N, 3] =\n    x  # a\n      -> f  # b\n}\n",
    ),
    "stages": (
        "const a = x -> f(1) # a\n -> g # b\n -> h",
        "const a = x -> f(1)  # a\n            -> g  # b\n            -> h\n",
    ),
    "a pipeline in parentheses that go": (
        "const a = (x -> f -> g # a\n)",
        "const a = x -> f -> g  # a\n",
    ),
    "a choice": (
        "const a = if x # a\n then y # b\n# c\nelse z # d",
        "const a = if x  # a\n          then y  # b\n          # c\n          else z  # d\n",
    ),
    "a sum": (
        "const a = x # a\n+ y * z # b\n - w # c",
        "const a = x  # a\n          + y * z  # b\n          - w  # c\n",
    ),
    "where none belongs": (
        "# a\n\nconst # b\n a = # c\n -  # d\n x . # e\n y # f",
        "# a\n\n# b\n# c\n# d\n# e\nconst a = -x.y  # f\n",
    ),
    "where none belongs, in an argument": (
        "const a = f(y, x = # a\n1)",
        "const a = f(\n  y,\n  # a\n  x = 1,\n)\n",
    ),
    "where none belongs, in a statement": (
        "block B {\n a = 1\n\n b # a\n = 2\n }",
        "block B {\n  a = 1\n\n  # a\n  b = 2\n}\n",
    ),
    "behind an arrow": (
        "const a = x -> # a\n f -> g",
        "const a = x\n            # a\n            -> f -> g\n",
    ),
}


@pytest.mark.parametrize(("text", "wanted"), PLACES.values(), ids=PLACES)
def test_place(text, wanted):
    assert formatted(source(text)) == wanted
    assert formatted(source(wanted)) == wanted
