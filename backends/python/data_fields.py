"""The fields in `data.py`: what computes each from columns, all samples at once."""

from collections.abc import Mapping
from functools import cached_property

from dlmc.backend import Unsupported
from dlmc.backends.python import tree as py
from dlmc.backends.python.data_columns import Columns
from dlmc.backends.python.flat import Rule, Use, write
from dlmc.backends.python.names import Names, free_name
from dlmc.backends.python.numpy_dialect import NumpyDialect, has_dtype
from dlmc.backends.python.plan import Plan, is_column
from dlmc.backends.python.quotation import Quote
from dlmc.ir.module import Apply, Module
from dlmc.ir.program import Field
from dlmc.passes.batch import batch

quote = Quote()

ARRAY = quote("np.ndarray")
ARRAYS = quote("dict[str, np.ndarray]")
TAKEN = (
    "Path",
    "columns",
    "csv",
    "math",
    "name",
    "np",
    "scales",
    "training",
    "zipfile",
)


class Fields:
    """The fields of a plan's data; raises `Unsupported` for what NumPy cannot say."""

    def __init__(self, plan: Plan, columns: Columns) -> None:
        self.plan = plan
        self.columns = columns
        self.modules: Mapping[str, Module] = {
            field.name: _checked(field) for field in plan.fields
        }

    @cached_property
    def scales(self) -> Mapping[str, tuple[str, ...]]:
        """What each `standardize` of a field learns: its names, by field."""
        names = Names()
        return {
            name: tuple(
                names.new(self.plan.field_names[name])
                for _ in _applied(module, "standardize")
            )
            for name, module in self.modules.items()
        }

    @property
    def has_scales(self) -> bool:
        """Whether anything is standardised."""
        return any(self.scales.values())

    def comment(self, field: Field) -> str:
        """The type of a field of all samples."""
        return str(self.modules[field.name].outputs[0].type)

    def function_name(self, field: Field) -> str:
        """The function that computes a field."""
        return f"to_{self.plan.field_names[field.name]}"

    def functions(self) -> list[py.Statement]:
        """The functions of all fields that are more than a column."""
        return [self.function(f) for f in self.plan.fields if not is_column(f)]

    def value(self, field: Field, training: py.Expression | None) -> py.Expression:
        """A field of all samples; `training` says which `standardize` learns from."""
        if is_column(field):
            return self.columns.array(field.columns[0], field.type.dtype)
        given = [] if self.columns.path is None else [self.columns.table]
        if self.scales[field.name]:
            given.append(py.Name("scales"))
        arguments = [
            *given,
            *([training] if self.scales[field.name] and training else []),
        ]
        return py.Call(py.Name(self.function_name(field)), tuple(arguments))

    def function(self, field: Field) -> py.Function:
        """The function that computes a field from columns."""
        module = self.modules[field.name]
        values: dict[str, py.Expression] = {}
        lines: list[py.Statement] = []
        taken = set(TAKEN)
        for column, value in zip(field.columns, module.inputs, strict=True):
            found = self.columns.array(column, value.type.dtype)
            if not isinstance(found, py.Subscript):
                stacked = self.columns.lists.get(column.names, column.names[0])
                variable = free_name(stacked.lower(), taken)
                taken.add(variable)
                lines.append(py.Assign(py.Name(variable), found))
                found = py.Name(variable)
            values[value.name] = found
        dialect = NumpyDialect(quote("len({x})", x=next(iter(values.values()))))
        names = iter(self.scales[field.name])

        def standardize(use: Use) -> py.Expression:
            call = "standardize({x}, {name}, scales, training)"
            return quote(call, x=use.operands[0], name=next(names))

        def rule_of(primitive: str) -> Rule | None:
            return (
                standardize if primitive == "standardize" else dialect.rule(primitive)
            )

        body = write(
            module.inference, values, rule_of, taken=taken, place="in a data field"
        )
        (result,) = body.results
        if _is_view(module):
            result = quote("np.ascontiguousarray({x})", x=result)
        return py.Function(
            self.function_name(field),
            self._parameters(field),
            (*lines, *body.statements, py.Return(result)),
            ARRAY,
            f"{field.name}: {self.comment(field)}",
        )

    def _parameters(self, field: Field) -> tuple[py.Parameter, ...]:
        made: list[py.Parameter] = []
        if self.columns.path is not None:
            made.append(py.Parameter("columns", ARRAYS))
        if self.scales[field.name]:
            training = quote("np.ndarray | None")
            made.append(py.Parameter("scales", ARRAYS))
            made.append(py.Parameter("training", training, py.Literal(None)))
        return tuple(made)


def _checked(field: Field) -> Module:
    """A field's function of all samples, if NumPy has its dtypes."""
    for type_ in (field.type, *(value.type for value in field.module.inputs)):
        if not has_dtype(type_.dtype):
            raise Unsupported(
                f"the field `{field.name}` is {type_}, a dtype that NumPy has not",
                field.span,
                "make the field f32, and cast it in the model",
            )
    if not field.columns:
        raise Unsupported(f"the field `{field.name}` reads no column", field.span)
    many = batch(field.module)
    for operation in many.inference.operations:
        for result in operation.results:
            if not has_dtype(result.type.dtype):
                raise Unsupported(
                    f"NumPy has no {result.type.dtype}, in which this is computed",
                    operation.span,
                    "compute it in the model instead",
                )
    return many


def _applied(module: Module, primitive: str) -> list[Apply]:
    """The uses of a primitive in a flat function."""
    return [
        operation
        for operation in module.inference.operations
        if isinstance(operation, Apply) and operation.primitive == primitive
    ]


def _is_view(module: Module) -> bool:
    """Whether the result may be a view that frameworks cannot take."""
    reversed_ = (
        step < 0
        for operation in _applied(module, "slice")
        for step in operation.attributes["step"]
    )
    return any(reversed_) or bool(_applied(module, "broadcast"))
