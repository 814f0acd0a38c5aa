"""How a file uses its own declarations."""

from dlmc.grammar import tree
from dlmc.lint.syntax import children, names


class Uses:
    """The names that a file calls, those it hands around, those its trainings take."""

    def __init__(self, file: tree.File) -> None:
        self.as_callees: set[str] = set()
        self.as_values: set[str] = set()
        self.in_trainings: set[str] = set()
        for declaration in file.declarations:
            if isinstance(declaration, tree.Train):
                self.in_trainings |= names(*declaration.settings)
        waiting: list[tree.Node] = [file]
        while waiting:
            node = waiting.pop()
            callee: tree.Node | None = None
            match node:
                case tree.Call(function=function):
                    callee = function
                case tree.Pipe(stage=stage):
                    callee = stage
                case tree.Train(model=model, data=data):
                    callee = model
                    self.as_callees.add(data.name)
            for child in children(node):
                if not isinstance(child, tree.Name):
                    waiting.append(child)
                elif child is callee:
                    self.as_callees.add(child.name)
                else:
                    self.as_values.add(child.name)
