"""Declared types: what they say, and whether a tensor fits."""

from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.bounds import largest
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.parameters import known_symbol, outer_of, translate
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import (
    CALLABLE,
    Bound,
    Declared,
    Poison,
    describe,
    rounded,
)
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size
from dlmc.ir.module import Value
from dlmc.ir.traced import TracedInt, Variable
from dlmc.ir.types import DType, TensorType

DTYPES = {dtype.value: dtype for dtype in DType}


def _seen(symbol: Size, position: int, axis: int, frame: Frame) -> None:
    """Record that a symbol can be read off an input."""
    if isinstance(symbol, Dim) and symbol.name is not None:
        frame.sources.setdefault(symbol.name, (position, axis))


def _inherit_bound(name: str, actual: Dim, frame: Frame) -> None:
    """A symbol is no larger than its caller knows."""
    most = largest(actual, frame.outer_bounds)
    if most is not None:
        frame.bounds[name] = most


def name_free_size(
    size: Size, position: int, axis: int, input_name: str, frame: Frame
) -> Size:
    """An actual size as the callee sees it, where its declaration gives no name."""
    if isinstance(size, Dim):
        known = known_symbol(size, frame)
        if known is not None:
            _seen(known, position, axis, frame)
            return known
        name = size.name or f"d{len(frame.dimensions)}"
        while name in frame.dimensions:
            name += "_"
        frame.dimensions[name] = Dim.symbol(name)
        frame.sources[name] = (position, axis)
        _inherit_bound(name, size, frame)
        return frame.dimensions[name]
    name = f"{input_name}.shape[{axis}]"
    frame.sources[name] = (position, axis)
    return TracedInt(size, Variable(name))


def dtype_of(
    type_: tree.Type, frame: Frame, actual: DType | None = None
) -> DType | None:
    """The dtype that a type says, None where `actual` is not of the kind it says.

    `float` and `int` stand for one dtype of their kind throughout a use of a block:
    that of the first input which says so.
    """
    name = type_.dtype
    if name in DTYPES:
        return DTYPES[name] if actual in (None, DTYPES[name]) else None
    if name == "float":
        if frame.float_dtype is None and actual is not None and actual.is_float:
            frame.float_dtype = actual
        found = frame.float_dtype or (DType.F32 if actual is None else None)
        return found if actual in (None, found) else None
    if name == "int":
        if frame.int_dtype is None and actual is not None and actual.is_integer:
            frame.int_dtype = actual
        found = frame.int_dtype or (DType.I64 if actual is None else None)
        return found if actual in (None, found) else None
    elsewhere = NAMES.get(name)
    span = Span(type_.span.source, type_.span.start, type_.span.start + len(name))
    raise Problem(
        "E0308",
        f"there is no dtype `{name}`",
        span,
        hint=f"it is called `{elsewhere}` here"
        if elsewhere in DTYPES
        else did_you_mean(name, [*DTYPES, "float", "int"])
        or f"dtypes are {', '.join(DTYPES)}; in a block also float and int",
    )


def match(
    declared: tree.Type,
    actual: TensorType,
    position: int,
    name: str,
    environment: Environment,
    frame: Frame,
) -> TensorType:
    """The type of an input as its block sees it; binds the symbols in it."""
    dtype = dtype_of(declared, frame, actual.dtype)
    if dtype is None:
        raise _misfit(declared, actual, name, frame, "")
    shape: list[Size] = []
    axis = 0
    fixed = sum(not isinstance(d, tree.Ellipsis) for d in declared.dimensions)
    free = any(isinstance(d, tree.Ellipsis) for d in declared.dimensions)
    for dimension in declared.dimensions:
        if isinstance(dimension, tree.Ellipsis):
            rest = _spliced(declared, environment, frame)
            for _ in range(max(actual.rank - fixed - rest, 0)):
                size = actual.shape[axis]
                shape.append(name_free_size(size, position, axis, name, frame))
                axis += 1
            continue
        wanted = _dimension(dimension, position, axis, actual, environment, frame)
        for size in wanted if isinstance(wanted, list) else [wanted]:
            if axis >= actual.rank:
                detail = _other_rank(declared, actual)
                raise _misfit(declared, actual, name, frame, detail)
            expected = translate(size, outer_of(frame))
            if expected != actual.shape[axis]:
                detail = f"axis {axis} is {actual.shape[axis]}, not {expected}"
                raise _misfit(declared, actual, name, frame, detail)
            shape.append(size)
            axis += 1
    if axis != actual.rank or (actual.rank < fixed and free):
        raise _misfit(declared, actual, name, frame, _other_rank(declared, actual))
    return TensorType(dtype, tuple(shape))


def _spliced(declared: tree.Type, environment: Environment, frame: Frame) -> int:
    """How many axes more than dimensions a declared type has through lists in it."""
    extra = 0
    for dimension in declared.dimensions:
        if isinstance(dimension, tree.Name):
            found = environment.lookup(dimension.name)
            if found is not None and isinstance(found.value, list):
                extra += len(found.value) - 1
    return extra


def _dimension(
    node: tree.Expression,
    position: int,
    axis: int,
    actual: TensorType,
    environment: Environment,
    frame: Frame,
) -> Any:
    """A declared size in the block's terms; a new capitalised name takes the actual."""
    bound: Size | None = None
    if isinstance(node, tree.Binary) and node.operator == "<=":
        bound = size_of(node.right, environment, frame)
        node = node.left
    if isinstance(node, tree.Name) and is_symbol(node.name):
        found = _size_called(node.name, environment)
        if found is None:
            if axis >= actual.rank:
                return 0
            size = _bind_symbol(node, position, axis, actual.shape[axis], frame)
            environment.bind(node.name, size, node.span)
        else:
            size = found.value
        if bound is not None:
            _check_bound(node, size, bound, position, frame)
        return size
    return size_of(node, environment, frame, lists=True)


def _size_called(name: str, environment: Environment) -> Bound | None:
    """The meaning of a capitalised name in a type: blocks have such names, too."""
    found = environment.lookup(name)
    if found is None or isinstance(found.value, (*CALLABLE, Declared)):
        return None
    if isinstance(found.value, Poison):
        raise Poisoned
    return found


def is_symbol(name: str) -> bool:
    """Whether a name in a type stands for a size: it is capitalised."""
    return name[0].isupper()


def _bind_symbol(
    node: tree.Name, position: int, axis: int, size: Size, frame: Frame
) -> Size:
    name = node.name
    inner: Size
    if isinstance(size, Dim):
        known = known_symbol(size, frame)
        inner = Dim.symbol(name) if known is None else known
        if known is None:
            _inherit_bound(name, size, frame)
        _seen(inner, position, axis, frame)
        frame.sources[name] = (position, axis)
    else:
        frame.sources[name] = (position, axis)
        inner = TracedInt(size, Variable(name))
    frame.dimensions[name] = inner
    return inner


def _known_bound(bound: Size, node: tree.Name) -> int:
    if not isinstance(bound, int):
        raise Problem("E0306", f"a bound is a known size, not {bound}", node.span)
    return bound


def _check_bound(
    node: tree.Name, size: Size, bound: Size, position: int, frame: Frame
) -> None:
    """A bound holds where the block is used: there the size is known, or bounded."""
    bound = _known_bound(bound, node)
    assert frame.operands is not None
    actual = translate(size, outer_of(frame))
    most = largest(actual, frame.outer_bounds)
    if most is None:
        raise Problem(
            "E0302",
            f"`{frame.title}` takes {node.name} up to {bound}, and {actual} may be"
            " more",
            node.span,
            hint=f"bound it in the type of the model's input: `{actual} <= {bound}`",
        )
    if most > bound:
        up_to = "" if isinstance(actual, int) else "up to "
        raise Problem(
            "E0302",
            f"{node.name} is {up_to}{most}, more than {bound}",
            node.span,
        )
    if isinstance(size, Dim) and size.name is not None:
        frame.bounds[size.name] = bound


def size_of(
    node: tree.Expression,
    environment: Environment,
    frame: Frame,
    *,
    lists: bool = False,
) -> Any:
    """The value of an expression that must be a size (or a list of them)."""
    from dlmc.elaborate.expressions import evaluate as value_of

    if (
        isinstance(node, tree.Name)
        and is_symbol(node.name)
        and _size_called(node.name, environment) is None
    ):
        raise Problem(
            "E0201",
            f"no input has a dimension `{node.name}`",
            node.span,
            hint="a capitalised name in an input's type gives the size a name",
        )
    value = value_of(node, environment, frame)
    sizes = value if lists and isinstance(value, list) else [value]
    for size in sizes:
        whole = isinstance(size, int | Dim) and not isinstance(size, bool)
        if isinstance(size, float) and isinstance(node, tree.Binary):
            raise Problem(
                "E0307",
                f"`{node.span.text}` is {size:g}, and a size is a whole number",
                node.span,
                hint=rounded(size, node),
            )
        if not whole or (isinstance(size, int) and size < 0):
            raise Problem(
                "E0306",
                f"a size is a whole number of at least 0, not {describe(size)}",
                node.span,
                hint=rounded(size, node),
            )
    return value


def declared_type(
    declared: tree.Type, environment: Environment, frame: Frame
) -> TensorType:
    """The type that a parameter, a state or an output is declared with."""
    dtype = dtype_of(declared, frame)
    assert dtype is not None
    shape: list[Size] = []
    for dimension in declared.dimensions:
        if isinstance(dimension, tree.Ellipsis):
            raise Problem(
                "E0306", "`...` stands in the type of an input alone", dimension.span
            )
        value = size_of(dimension, environment, frame, lists=True)
        shape.extend(value if isinstance(value, list) else [value])
    return TensorType(dtype, tuple(shape))


def model_type(
    declared: tree.Type,
    position: int,
    environment: Environment,
    frame: Frame,
) -> TensorType:
    """The type of a model's input, which must say everything; binds its symbols."""
    dtype = DTYPES.get(declared.dtype)
    if dtype is None and declared.dtype in ("float", "int"):
        raise Problem(
            "E0309",
            f"a model's input has a dtype of its own, not `{declared.dtype}`",
            declared.span,
            hint=f"write `{'f32' if declared.dtype == 'float' else 'i64'}`",
        )
    if dtype is None:
        dtype_of(declared, frame)
        raise Poisoned
    shape: list[Size] = []
    for axis, dimension in enumerate(declared.dimensions):
        node = dimension
        bound: Size | None = None
        if isinstance(node, tree.Ellipsis):
            raise Problem(
                "E0309",
                "a model's input names each dimension; `...` is for blocks",
                node.span,
            )
        if isinstance(node, tree.Binary) and node.operator == "<=":
            bound = size_of(node.right, environment, frame)
            node = node.left
        if (
            isinstance(node, tree.Name)
            and is_symbol(node.name)
            and _size_called(node.name, environment) is None
        ):
            frame.dimensions[node.name] = Dim.symbol(node.name)
            frame.sources[node.name] = (position, axis)
            environment.bind(node.name, frame.dimensions[node.name], node.span)
            if bound is not None:
                frame.bounds[node.name] = _known_bound(bound, node)
        size = size_of(node, environment, frame, lists=True)
        shape.extend(size if isinstance(size, list) else [size])
    return TensorType(dtype, tuple(shape))


def check_output(
    declared: tree.Type,
    value: Value,
    environment: Environment,
    frame: Frame,
    place: Span,
) -> None:
    """Whether an output is what its declaration says."""
    actual = value.type
    dtype = dtype_of(declared, frame, actual.dtype)
    shape: list[Size] = []
    for dimension in declared.dimensions:
        if isinstance(dimension, tree.Ellipsis):
            named = len(declared.dimensions) - 1
            shape.extend(actual.shape[len(shape) : actual.rank - named + len(shape)])
            continue
        size = size_of(dimension, environment, frame, lists=True)
        shape.extend(size if isinstance(size, list) else [size])
    if dtype is None or tuple(shape) != actual.shape:
        expected = TensorType(dtype or actual.dtype, tuple(shape))
        said = f"{expected}" if dtype else f"{declared.span.text}"
        problem = Problem(
            "E0305",
            f"the output is declared {said}, but its value is {actual}",
            declared.span,
            at=f"declared {said}",
            labels=(Label(place, f"this is {actual}"),),
        )
        problem.about(value, frame)
        raise problem


def _other_rank(declared: tree.Type, actual: TensorType) -> str:
    fixed = [d for d in declared.dimensions if not isinstance(d, tree.Ellipsis)]
    open_ = "" if len(fixed) == len(declared.dimensions) else " or more"
    axes = "axis" if len(fixed) == 1 else "axes"
    return f"it has {actual.rank}, not {len(fixed)}{open_} {axes}"


def _misfit(
    declared: tree.Type, actual: TensorType, name: str, frame: Frame, detail: str
) -> Problem:
    message = f"`{frame.title}` expects {name}: {declared.span.text}, got {actual}"
    hint = None
    if declared.dtype in ("float", *(d for d in DTYPES if DTYPES[d].is_float)) and (
        not actual.dtype.is_float
    ):
        hint = f"there is no implicit cast: `cast({name}, f32)` makes it a float"
    if declared.dtype == "int" and actual.dtype.is_float:
        hint = f"there is no implicit cast: `cast({name}, i64)` makes it an integer"
    if detail:
        message += f": {detail}"
    return Problem(
        "E0302",
        message,
        declared.span,
        at="declared here",
        hint=hint,
    )
