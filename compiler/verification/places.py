"""Where the settings of trainings stand in a program."""

from dlmc.grammar import tree
from dlmc.grammar.span import Span


def settings_of(file: tree.File) -> dict[str, dict[str, Span]]:
    """The place of each setting's value, by the training's name and its own."""
    found: dict[str, dict[str, Span]] = {}
    for declaration in file.declarations:
        if not isinstance(declaration, tree.Train):
            continue
        model = declaration.model
        called = model.function if isinstance(model, tree.Call) else model
        given = declaration.name or called
        if isinstance(given, tree.Identifier | tree.Name):
            places = {s.name.name: s.value.span for s in declaration.settings}
            found[given.name] = places
    return found
