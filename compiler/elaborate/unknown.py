"""Names without a meaning: what was probably meant, and how that is written here."""

import re
from collections.abc import Iterator
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.elsewhere import (
    ATTRIBUTES,
    MISSING,
    MODULES,
    NAMES,
    QUALIFIED,
    WRITTEN,
)
from dlmc.elaborate.problems import Problem, listing, nearest
from dlmc.elaborate.scope import Environment, FileScope
from dlmc.elaborate.values import CALLABLE, Declared, Layer, Poison, describe
from dlmc.grammar import tree
from dlmc.grammar.names import bindings
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim
from dlmc.ir.module import Value
from dlmc.ir.types import DType

Scope = Environment | FileScope

_CLOSE = 0.7
"""How like a name one from outside of the block has to be: there are many of them."""


def unknown_name(
    node: tree.Name, scope: Scope, declaration: tree.Declaration | None
) -> Problem:
    """A name that stands for nothing, and the declaration that it is used in."""
    elsewhere = _bound_elsewhere(node, declaration)
    if elsewhere is not None:
        return elsewhere
    foreign = called_otherwise(node.name, node.span, scope)
    if foreign is not None:
        return foreign
    own = list(_own_names(scope))
    near = nearest(node.name, own) or nearest(node.name, _names(scope), _CLOSE)
    hint = None if near is None else f"did you mean `{near}`?"
    if near not in own and re.fullmatch(r"(b?f|[iu])\d+", node.name):
        hint = f"the dtypes are {listing([dtype.value for dtype in DType])}"
    sizes = [name for name in own if isinstance(_value(scope, name), Dim | int)]
    if hint is None and len(node.name) == 1 and node.name.isupper() and sizes:
        hint = f"the sizes that have a name here are {listing(sizes)}"
    return Problem("E0201", f"there is no `{node.name}`", node.span, hint=hint)


def _bound_elsewhere(
    node: tree.Name, declaration: tree.Declaration | None
) -> Problem | None:
    """A name that the block does bind, but further down or where it is not run."""
    if not isinstance(declaration, tree.Block | tree.Optimizer):
        return None
    bound = [b.span for b in bindings(declaration.body) if b.name == node.name]
    if not bound:
        return None
    above = [place for place in bound if place.end < node.span.start]
    if above:
        label = Label(above[-1], "bound here, in a body that is not run")
        hint = "bind it before the `if` or `for`, too"
    else:
        label = Label(bound[0], "bound further down")
        hint = "statements are run in the order of the text: move it up"
    message = f"`{node.name}` has no value here"
    return Problem("E0201", message, node.span, labels=(label,), hint=hint)


def called_otherwise(name: str, span: Span, scope: Scope) -> Problem | None:
    """A name that other frameworks or Python use for what is called otherwise here."""
    elsewhere = NAMES.get(name)
    shown = span.text if span.text.endswith(name) else name
    if elsewhere is not None and scope.lookup(elsewhere) is not None:
        return Problem("E0206", f"`{shown}` is called `{elsewhere}` here", span)
    if name in WRITTEN:
        message = f"`{shown}` is written otherwise here"
        return Problem("E0206", message, span, hint=WRITTEN[name])
    if name in MISSING:
        return Problem("E0004", f"there is no `{name}` yet", span)
    return None


def foreign_module(node: tree.Attribute, scope: Scope) -> Problem | None:
    """`nn.Linear`, `tf.nn.relu`: a name of another framework, with its module."""
    root: tree.Expression = node
    while isinstance(root, tree.Attribute):
        root = root.value
    if not isinstance(root, tree.Name) or root.name not in MODULES:
        return None
    if scope.lookup(root.name) is not None:
        return None
    if node.span.text in QUALIFIED:
        here = QUALIFIED[node.span.text]
        message = f"`{node.span.text}` is called `{here}` here"
        return Problem("E0206", message, node.span)
    problem = called_otherwise(node.name, node.span, scope)
    if problem is not None:
        return problem
    hint = f"names stand alone here: `{node.name}`"
    if scope.lookup(node.name) is None:
        near = nearest(node.name, _names(scope), _CLOSE)
        hint = "names stand alone here: `Dense(10)`, `relu`"
        if near is not None:
            hint = f"names stand alone here; did you mean `{near}`?"
    message = f"`{node.span.text}` is written otherwise here"
    return Problem("E0206", message, node.span, hint=hint)


def unknown_attribute(node: tree.Attribute, value: Any, scope: Scope) -> Problem:
    """`x.view`, `both.a`: what a value has nothing to say about."""
    source = node.value.span
    subject = source.text if source.end - source.start <= 24 else "x"
    span = Span(node.span.source, node.span.end - len(node.name), node.span.end)
    hint: str | None = None
    match value:
        case Value():
            hint = _attribute_of_tensor(node.name, subject, scope)
        case tuple():
            names = ", ".join(f"y{i}" for i in range(1, len(value) + 1))
            hint = f"give each a name: `{names} = {subject}`"
        case Declared():
            hint = f"what it holds is called by its name alone: `{node.name}`"
        case _ if isinstance(value, CALLABLE) and not isinstance(value, Layer):
            hint = "parameters are those of a layer that was made and applied above"
    plural = isinstance(value, tuple) and len(value) != 1
    return Problem(
        "E0208",
        f"{describe(value)} {'have' if plural else 'has'} no `{node.name}`",
        span,
        hint=hint,
    )


def _attribute_of_tensor(name: str, subject: str, scope: Scope) -> str:
    """What to write for an attribute or a method of tensors elsewhere."""
    if name in ATTRIBUTES:
        return ATTRIBUTES[name].replace("x", subject, 1)
    elsewhere = NAMES.get(name, name)
    found = scope.lookup(elsewhere)
    if found is not None and isinstance(found.value, CALLABLE):
        called = f"`{elsewhere}({subject}, …)` or `{subject} -> {elsewhere}(…)`"
        return f"a tensor has no methods: write {called}"
    if name in WRITTEN:
        return WRITTEN[name]
    known = ("shape", "rank", "dtype")
    near = nearest(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    return f"a tensor has {listing(known)}"


def _own_names(scope: Scope) -> Iterator[str]:
    """The names bound inside of the block or function."""
    while isinstance(scope, Environment):
        yield from scope.own_names()
        if not isinstance(scope.parent, Environment | FileScope):
            yield from scope.parent.names()
            return
        scope = scope.parent


def _names(scope: Scope) -> list[str]:
    """The names of values, each once, the innermost first."""
    return list(dict.fromkeys([*scope.names(), "training"]))


def _value(scope: Scope, name: str) -> Any:
    found = scope.lookup(name)
    return None if found is None or isinstance(found.value, Poison) else found.value
