"""Declared types: what they say, and whether a tensor fits."""

from collections.abc import Iterator
from typing import Any

from dlmc.diagnostics import Label
from dlmc.elaborate.elsewhere import NAMES
from dlmc.elaborate.frame import Frame
from dlmc.elaborate.problems import Poisoned, Problem, did_you_mean
from dlmc.elaborate.scope import Environment
from dlmc.elaborate.values import describe
from dlmc.grammar import tree
from dlmc.grammar.span import Span
from dlmc.ir.dimensions import Dim, Size, substitute
from dlmc.ir.traced import TracedInt, Variable, evaluate, origin_of, plain, traced
from dlmc.ir.types import DType, TensorType

DTYPES = {dtype.value: dtype for dtype in DType}


def translate(size: Any, outer: dict[str, Any]) -> Size:
    """A size in a callee's terms, in the caller's."""
    origin = origin_of(size)
    if origin is not None:
        value = evaluate(origin, outer)
        assert value == size, (origin, outer, size)
        return value  # type: ignore[no-any-return]
    return substitute(size, lambda name: outer[name])


def translate_type(type_: TensorType, outer: dict[str, Any]) -> TensorType:
    """A type in a callee's terms, in the caller's."""
    return TensorType(
        type_.dtype, tuple(translate(size, outer) for size in type_.shape)
    )


def outer_values(
    arguments: dict[str, Any],
    sources: dict[str, tuple[int, int]],
    operands: tuple[TensorType, ...],
) -> dict[str, Any]:
    """A callee's parameters and dimensions, by name, as its caller sees them."""
    sizes = {
        name: operands[position].shape[axis]
        for name, (position, axis) in sources.items()
    }
    symbolic = {
        symbol: size
        for name, value in arguments.items()
        for symbol, size in symbolic_sizes(name, value)
    }
    return {**arguments, **symbolic, **sizes}


def symbolic_sizes(name: str, value: Any) -> Iterator[tuple[str, Dim]]:
    """The sizes in an argument that are symbolic, and their symbols in the callee."""
    if isinstance(value, Dim):
        yield name, value
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from symbolic_sizes(f"{name}_{i}", item)


def inner_argument(name: str, value: Any, frame: Frame) -> Any:
    """A compile-time argument as the callee sees it.

    A number comes from its parameter. A symbolic size becomes a symbol of the callee's
    own, one for equal sizes, which the inputs may share.
    """
    if isinstance(value, Dim):
        known = _known_symbol(value, frame)
        if known is None:
            known = frame.dimensions[name] = Dim.symbol(name)
        return known
    if isinstance(value, list):
        return [
            inner_argument(f"{name}_{i}", item, frame)
            if isinstance(item, Dim | list)
            else plain(item)
            for i, item in enumerate(value)
        ]
    return traced(plain(value), Variable(name))


def _known_symbol(size: Dim, frame: Frame) -> Size | None:
    """The callee's symbol for a size that its caller gave before."""
    outer = _outer(frame)
    for name, known in frame.dimensions.items():
        if isinstance(known, Dim) and outer[name] == size:
            return known
    return None


def _seen(symbol: Size, position: int, axis: int, frame: Frame) -> None:
    """Record that a symbol can be read off an input."""
    if isinstance(symbol, Dim) and symbol.name is not None:
        frame.sources.setdefault(symbol.name, (position, axis))


def name_free_size(
    size: Size, position: int, axis: int, input_name: str, frame: Frame
) -> Size:
    """An actual size as the callee sees it, where its declaration gives no name."""
    if isinstance(size, Dim):
        known = _known_symbol(size, frame)
        if known is not None:
            _seen(known, position, axis, frame)
            return known
        name = size.name or f"d{len(frame.dimensions)}"
        while name in frame.dimensions:
            name += "_"
        frame.dimensions[name] = Dim.symbol(name)
        frame.sources[name] = (position, axis)
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
                raise _misfit(declared, actual, name, frame, "")
            expected = translate(size, _outer(frame))
            if expected != actual.shape[axis]:
                detail = f"axis {axis} is {actual.shape[axis]}, not {expected}"
                raise _misfit(declared, actual, name, frame, detail)
            shape.append(size)
            axis += 1
    if axis != actual.rank or (actual.rank < fixed and free):
        raise _misfit(declared, actual, name, frame, "")
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


def _outer(frame: Frame) -> dict[str, Any]:
    assert frame.operands is not None
    return outer_values(frame.arguments, frame.sources, frame.operands)


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
        found = environment.lookup(node.name)
        if found is None:
            if axis >= actual.rank:
                return 0
            size = _bind_symbol(node, position, axis, actual.shape[axis], frame)
            environment.bind(node.name, size, node.span)
        else:
            size = found.value
        if bound is not None:
            _check_bound(node, size, bound, frame)
        return size
    return size_of(node, environment, frame, lists=True)


def is_symbol(name: str) -> bool:
    """Whether a name in a type stands for a size: it is capitalised."""
    return name[0].isupper()


def _bind_symbol(
    node: tree.Name, position: int, axis: int, size: Size, frame: Frame
) -> Size:
    name = node.name
    inner: Size
    if isinstance(size, Dim):
        known = _known_symbol(size, frame)
        inner = Dim.symbol(name) if known is None else known
        _seen(inner, position, axis, frame)
        frame.sources[name] = (position, axis)
    else:
        frame.sources[name] = (position, axis)
        inner = TracedInt(size, Variable(name))
    frame.dimensions[name] = inner
    return inner


def _check_bound(node: tree.Name, size: Size, bound: Size, frame: Frame) -> None:
    if isinstance(size, int) and isinstance(bound, int):
        if size > bound:
            raise Problem(
                "E0302", f"{node.name} is {size}, more than {bound}", node.span
            )
    elif isinstance(size, Dim) and size.name is not None:
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
        and environment.lookup(node.name) is None
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
                f"`{node.span.text}` is {size:g}, and a dimension is a whole number",
                node.span,
                hint="`//` rounds down" if node.operator == "/" else None,
            )
        if not whole or (isinstance(size, int) and size < 0):
            raise Problem(
                "E0306",
                f"a dimension is a whole number of at least 0, not {describe(size)}",
                node.span,
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
            and environment.lookup(node.name) is None
        ):
            frame.dimensions[node.name] = Dim.symbol(node.name)
            frame.sources[node.name] = (position, axis)
            environment.bind(node.name, frame.dimensions[node.name], node.span)
            if bound is not None:
                frame.bounds[node.name] = bound
        size = size_of(node, environment, frame, lists=True)
        shape.extend(size if isinstance(size, list) else [size])
    return TensorType(dtype, tuple(shape))


def check_output(
    declared: tree.Type,
    actual: TensorType,
    environment: Environment,
    frame: Frame,
    place: Span,
) -> None:
    """Whether an output is what its declaration says."""
    dtype = dtype_of(declared, frame, actual.dtype)
    shape: list[Size] = []
    for dimension in declared.dimensions:
        if isinstance(dimension, tree.Ellipsis):
            named = len(declared.dimensions) - 1
            shape.extend(actual.shape[len(shape) : actual.rank - named + len(shape)])
            continue
        value = size_of(dimension, environment, frame, lists=True)
        shape.extend(value if isinstance(value, list) else [value])
    if dtype is None or tuple(shape) != actual.shape:
        expected = TensorType(dtype or actual.dtype, tuple(shape))
        said = f"{expected}" if dtype else f"{declared.span.text}"
        raise Problem(
            "E0305",
            f"the output is declared {said}, but its value is {actual}",
            declared.span,
            at=f"declared {said}",
            labels=(Label(place, f"this is {actual}"),),
        )


def _misfit(
    declared: tree.Type, actual: TensorType, name: str, frame: Frame, detail: str
) -> Problem:
    message = f"`{frame.title}` expects {name}: {declared.span.text}, got {actual}"
    hint = None
    if declared.dtype in ("float", *(d for d in DTYPES if DTYPES[d].is_float)) and (
        not actual.dtype.is_float
    ):
        hint = f"there is no implicit cast: `cast({name}, f32)` makes it a float"
    if detail:
        message += f": {detail}"
    return Problem(
        "E0302",
        message,
        declared.span,
        at="declared here",
        hint=hint,
    )
