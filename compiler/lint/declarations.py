"""W0204: a declaration that nothing in its program uses.

A file without a model is a library: what it declares is for others.
"""

from collections.abc import Iterator

from dlmc.diagnostics import Diagnostic
from dlmc.grammar import tree
from dlmc.lint.subject import Subject
from dlmc.lint.syntax import names
from dlmc.lint.warning import warning


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Constants, functions, blocks, optimizers and data that nothing uses."""
    declarations = subject.file.declarations
    trains = any(isinstance(d, tree.Train) for d in declarations)
    if not trains and not any(
        isinstance(d, tree.Block) and d.is_model for d in declarations
    ):
        return
    used = {name for declaration in declarations for name in names(declaration)}
    for declaration in declarations:
        for noun, name in _wanting_use(declaration, trains):
            if name.name not in used and not name.name.startswith("_"):
                yield warning(
                    "W0204",
                    f"{noun} `{name.name}` is never used",
                    name.span,
                    hint="use it, or take it away",
                )


def _wanting_use(
    declaration: tree.Declaration, trains: bool
) -> Iterator[tuple[str, tree.Identifier]]:
    """The names that a declaration gives for others to use, each with what it is."""
    match declaration:
        case tree.Const(name=name):
            yield "the constant", name
        case tree.FunctionDeclaration(name=name):
            yield "the function", name
        case tree.Block(name=name, is_model=False):
            yield "the block", name
        case tree.Optimizer(name=name):
            yield "the optimizer", name
        case tree.Data(name=name) if trains:
            yield "the data", name
        case tree.Use(names=several):
            for name in several:
                yield "the name", name
