"""W0201, W0202, W0203: names in a body, or of parameters, that nothing asks for."""

from collections import Counter
from collections.abc import Iterable, Iterator

from dlmc.diagnostics import Diagnostic, Label
from dlmc.grammar import tree
from dlmc.lint.flow import Body, Definition
from dlmc.lint.subject import Subject
from dlmc.lint.syntax import names, nodes
from dlmc.lint.uses import Uses
from dlmc.lint.warning import warning

SUPPLIED = frozenset({"lr", "step", "steps"})
"""What a training gives a schedule, whether the schedule asks for it or not."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Values, inputs, parameters and states that are never used."""
    uses = Uses(subject.file)
    for declaration in subject.file.declarations:
        match declaration:
            case tree.Block(name=name):
                body = Body(_free_arguments(declaration.parameters, name.name, uses))
                # What takes a block as a value says what it is given.
                is_fixed = name.name in uses.as_values
                shapes = _shapes_asked_for(declaration)
                body.run(declaration.body)
                for definition in body.unused():
                    if definition.kind == "input" and (
                        is_fixed
                        or definition.name in shapes
                        or (
                            declaration.is_model
                            and definition.name in uses.in_trainings
                        )
                    ):
                        continue
                    yield _warning(definition, body)
            case tree.Optimizer(parameters=parameters):
                body = Body([p for p in parameters if p.name != "lr"])
                body.kept.add("weight")
                body.run(declaration.body)
                yield from (_warning(d, body) for d in body.unused())
            case tree.FunctionDeclaration(parameters=parameters, name=name):
                if {p.name for p in parameters} >= SUPPLIED:
                    parameters = tuple(p for p in parameters if p.name not in SUPPLIED)
                if name.name in uses.as_callees:
                    body = Body(_free_arguments(parameters, name.name, uses))
                    body.read([declaration.body])
                    yield from (_warning(d, body) for d in body.unused())


def _free_arguments(
    parameters: Iterable[tree.Parameter], name: str, uses: Uses
) -> list[tree.Parameter]:
    """The parameters of a declaration, where it alone decides which it has."""
    return [] if name in uses.as_values else list(parameters)


def _shapes_asked_for(block: tree.Block) -> set[str]:
    """The inputs from whose types alone a size gets a name that the block asks for."""
    inputs = [s for s in block.body if isinstance(s, tree.Input)]
    types = {s.name.name: names(s.type) for s in inputs}
    inside = {id(node) for s in inputs for node in nodes(s)}
    asked = {
        node.name
        for node in nodes(block)
        if isinstance(node, tree.Name) and id(node) not in inside
    }
    counts = Counter(size for sizes in types.values() for size in sizes)
    return {
        name
        for name, sizes in types.items()
        for size in sizes & asked
        if size[0].isupper() and counts[size] == 1
    }


NOUNS = {
    "argument": "the parameter",
    "input": "the input",
    "parameter": "the `param`",
    "state": "the `state`",
}


def _warning(found: Definition, body: Body) -> Diagnostic:
    name = found.name
    if found.overwritten is not None:
        return warning(
            "W0202",
            f"this value of `{name}` is never used",
            found.span,
            labels=(Label(found.overwritten, "overwritten here"),),
            hint="use it before, or take it away",
        )
    if found.kind in NOUNS:
        return warning(
            "W0203",
            f"{NOUNS[found.kind]} `{name}` is never used",
            found.span,
            hint="use it, or take it away",
        )
    message, hint = f"`{name}` is never used", f"use it, or call it `_{name}`"
    if found.kind == "layer":
        message = f"the layer `{name}` is never applied"
    elif name in body.asked:
        message, hint = f"this value of {message}", "use it, or take it away"
    return warning("W0201", message, found.span, hint=hint)
