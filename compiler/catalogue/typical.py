"""A typical use of a definition of the library, read off its declaration.

That is a use with nothing but what must be given, on tensors of a usual type. Where the
type matters, or a number must be given, `USES` says it better.
"""

from dlmc.catalogue.uses import USES, Use
from dlmc.grammar import tree

Definition = tree.FunctionDeclaration | tree.Block | tree.Optimizer

WIDTH = 16
TENSOR = f"f32[N, {WIDTH}]"
GIVEN_BY_TRAINING = {"lr", "step", "steps"}
"""The parameters of a schedule."""


def typical_use(definition: Definition) -> Use | None:
    """The use in `USES`, else what can be read off; None where that is not enough."""
    name = definition.name.name
    if name in USES:
        return USES[name]
    names = {p.name for p in definition.parameters}
    required = [p.name for p in definition.parameters if p.default is None]
    match definition:
        case tree.Optimizer() if required == ["lr"]:
            return Use(f"{name}(lr = 1e-3)", is_optimizer=True)
        case tree.Block(body=body) if not required:
            inputs = [s for s in body if isinstance(s, tree.Input)]
            types = tuple((s.name.name, _filled(s.type)) for s in inputs)
            return Use(_application(name, [one for one, _ in types], "()"), types)
        case tree.FunctionDeclaration() if names >= GIVEN_BY_TRAINING:
            if set(required) <= GIVEN_BY_TRAINING:
                return Use(f"adam(lr = {name}(1e-3))", is_optimizer=True)
        case tree.FunctionDeclaration():
            tensors = tuple((operand, TENSOR) for operand in required)
            return Use(_application(name, required), tensors)
    return None


def _application(name: str, operands: list[str], made: str = "") -> str:
    """`x -> relu`, `mse(prediction, target)`, `Bilinear()(a, b)`."""
    if len(operands) == 1:
        return f"{operands[0]} -> {name}"
    return f"{name}{made}({', '.join(operands)})"


def _filled(declared: tree.Type) -> str:
    """A declared type with a usual number for each size but the first."""
    dtype = {"float": "f32", "int": "i64"}.get(declared.dtype, declared.dtype)
    if not declared.dimensions:
        return dtype
    first, *rest = declared.dimensions
    sizes = ["N" if isinstance(first, tree.Ellipsis) else first.span.text]
    sizes += [
        str(WIDTH) if isinstance(d, tree.Name | tree.Ellipsis) else d.span.text
        for d in rest
    ]
    return f"{dtype}[{', '.join(sizes)}]"
