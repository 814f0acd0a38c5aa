"""Optimizers in Keras: its own where they agree, else a class from the rule.

Keras adds Adam's epsilon before the bias correction and that of others inside of the
root, has the learning rate inside the momentum, and computes bias corrections in f32;
so most rules are classes of their own.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.names import identifier
from dlmc.backends.python.quotation import Quote, expression_of
from dlmc.backends.python.script import code, function, words_in
from dlmc.backends.python.update_cases import Case, branches, cases
from dlmc.backends.python.update_rules import Framework, Remembered, update_rule
from dlmc.backends.tensorflow.classes import array
from dlmc.backends.tensorflow.primitives import primitive
from dlmc.backends.tensorflow.quoting import DTYPES
from dlmc.ir.module import Apply
from dlmc.ir.program import Optimizer, Update
from dlmc.ir.types import DType
from dlmc.passes.elementwise import ignores_axes

quote = Quote()

INIT = """
def __init__(self, learning_rate: float, model: keras.Model) -> None:
    super().__init__(learning_rate)
    self.owners = weights.owners(model)
"""

BUILD = '''
def build(self, variables: list[keras.Variable]) -> None:
    """Make what is remembered of each weight."""
    if self.built:
        return
    super().build(variables)
    {states}
'''

START = """
{values} = [{made} for one in variables]
"""

STARTS = """
for index, weight in enumerate(variables):
    {states}
"""

TURNED_STARTS = """
self.owned = [(self.owners[id(one)], one) for one in variables]
for index, (layer, one) in enumerate(self.owned):
    weight = weights.turned(layer, one, one)
    {states}
"""

UPDATE = '''
def update_step(
    self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
) -> None:
    """Update one weight."""
    {names}
    {update}
'''

METHOD = """
def {name}(
    self, index: int, weight: tf.Tensor, grad: tf.Tensor, learning_rate: tf.Tensor
) -> tf.Tensor:
    {names}
    {update}
"""

AS_IT_LIES = """
index = self._get_variable_index(variable)
weight, grad = tf.convert_to_tensor(variable), tf.convert_to_tensor(gradient)
{update}
variable.assign(new)
"""

TURNED = """
index = self._get_variable_index(variable)
layer, one = self.owned[index]
weight = weights.turned(layer, one, variable)
grad = weights.turned(layer, one, gradient)
{update}
variable.assign(weights.turned_back(layer, one, new))
"""

NEW = """
new = {method}(index, weight, grad, learning_rate)
"""

TEMPLATES = (INIT, BUILD, TURNED_STARTS, UPDATE, METHOD, AS_IT_LIES, TURNED, NEW)


def native(optimizer: Optimizer, has_schedule: bool) -> py.Expression | None:
    """Keras's own optimizer, if it has the rule."""
    if not optimizer.is_library:
        return None
    given = optimizer.arguments
    settings: dict[str, Any]
    match optimizer.definition:
        case "sgd":
            # Momentum with the learning rate inside is the same while the rate is.
            if given["l2"] or (given["momentum"] and has_schedule):
                return None
            name, settings = "SGD", {}
            if given["momentum"]:
                settings["momentum"] = given["momentum"]
                settings |= {"nesterov": True} if given["nesterov"] else {}
        case "lion":
            settings = {"beta_1": given["beta1"], "beta_2": given["beta2"]}
            if given["weight_decay"]:
                settings["weight_decay"] = given["weight_decay"]
            name = "Lion"
        case "adadelta":
            if given["l2"]:
                return None
            name, settings = "Adadelta", {"rho": given["rho"], "epsilon": given["eps"]}
        case _:
            return None
    return quote(f"keras.optimizers.{name}(args.lr, {{settings}})", settings=settings)


def asks_for_axes(optimizer: Optimizer, has_schedule: bool) -> bool:
    """Whether a class of the project's own asks for the axes of weights.

    Keras has those of kernels in another order than the program.
    """
    return native(optimizer, has_schedule) is None and not all(
        ignores_axes(update.module) for update in optimizer.updates
    )


def optimizer_class(
    optimizer: Optimizer, name: str, taken: Collection[str], turned: bool = False
) -> py.Class:
    """A class that updates weights by a rule; raises `Unsupported`.

    `turned` says that the model has kernels whose axes lie as Keras has them, and that
    the rule asks for axes: it is then made with the model.
    """
    own = {*words_in(*TEMPLATES), *taken}
    made = cases(optimizer.updates, lambda one: update_rule(one.module, WHOLE, own))
    is_split = turned or len(made) > 1
    if is_split:
        made = cases(optimizer.updates, lambda one: update_rule(one.module, INNER, own))
    methods: list[py.Statement] = [function(INIT)] if turned else []
    if turned or any(case.rule.states for case in made):
        methods.append(function(BUILD, states=_build(optimizer.updates, made, turned)))
    if is_split:
        new = branches(made, lambda case: code(NEW, method=_method(case)))
        update = code(TURNED if turned else AS_IT_LIES, update=list(new))
        methods.append(function(UPDATE, names=[], update=list(update)))
        methods += (
            function(
                METHOD,
                name=f"update_{case.name}",
                names=[*_names(case), *_states(case)],
                update=list(case.rule.statements),
            )
            for case in made
        )
    else:
        (case,) = made
        lines: list[py.Statement] = []
        if "grad" in case.rule.used:
            lines += code("gradient = tf.convert_to_tensor(gradient)")
        lines += _names(case)
        if case.rule.states:
            lines += code("index = self._get_variable_index(variable)")
        lines += _states(case)
        update = case.rule.statements
        methods.append(function(UPDATE, names=lines, update=list(update)))
    module = optimizer.updates[0].module
    says = module.documentation or f"The rule `{optimizer.definition}`."
    bases = (quote("keras.optimizers.Optimizer"),)
    return py.Class(name, bases, tuple(methods), says)


def _method(case: Case) -> py.Expression:
    return quote("self.{name}", name=f"update_{case.name}")


def _names(case: Case) -> list[py.Statement]:
    """The numbers that a rule reads."""
    lines: list[py.Statement] = []
    if "lr" in case.rule.used:
        lines += code("lr = tf.cast(learning_rate, tf.float64)")
    if "step" in case.rule.used:
        lines += code("step = tf.cast(self.iterations + 1, tf.float64)")
    return lines


def _states(case: Case) -> list[py.Statement]:
    """The variables of the weight that is updated."""
    lines: list[py.Statement] = []
    for one in case.rule.states:
        to = py.Name(one.variable)
        lines += code("{to} = {values}[index]", to=to, values=_values(one.name))
    return lines


def _values(state: str) -> py.Expression:
    return quote("self.{name}", name=f"{identifier(state)}_values")


def _build(
    updates: Sequence[Update], made: Sequence[Case], turned: bool
) -> list[py.Statement]:
    """What makes the states, one for each variable."""
    states = {one.name: one for case in made for one in case.rule.states}
    if len(made) == 1 and not turned:
        return [
            line
            for one in states.values()
            for line in code(START, values=_values(one.name), made=_start(one, "one"))
        ]
    rules = {id(update): case.rule for case in made for update in case.updates}
    # Rules that remember the same are one case here.
    remembered = cases(
        updates, lambda one: replace(rules[id(one)], statements=(), used=frozenset())
    )

    def body(case: Case) -> tuple[py.Statement, ...]:
        lines = [
            line
            for one in case.rule.states
            for line in code(
                "{values}[index] = {made}",
                values=_values(one.name),
                made=_start(one, "weight", turned),
            )
        ]
        return tuple(lines) or (py.Pass(),)

    empty = [line for name in states for line in code("{v} = {{}}", v=_values(name))]
    loop = code(
        TURNED_STARTS if turned else STARTS, states=list(branches(remembered, body))
    )
    return [*empty, *loop]


def _start(state: Remembered, weight: str, turned: bool = False) -> py.Expression:
    """A new variable for a state of a weight."""
    options: dict[str, Any] = {}
    match state.start:
        case 0:
            pass
        case 1:
            options["initializer"] = "ones"
        case number:
            start = expression_of(number)
            options["initializer"] = quote(
                "keras.initializers.Constant({value})", value=start
            )
    of = py.Name(weight)
    if state.shape is None and state.dtype is DType.F32 and not turned:
        options["name"] = state.name
        return quote(
            "self.add_variable_from_reference({of}, {options})", of=of, options=options
        )
    shape = state.shape or quote("weight.shape")
    if not isinstance(shape, py.Tuple):
        shape = quote("tuple({shape})", shape=shape)
    shape = py.rewrite(shape, lambda node: of if node == WEIGHT else node)
    dtype: Any = DTYPES[state.dtype]
    if state.dtype is DType.F32:
        dtype = quote("{of}.dtype", of=py.Name("one") if turned else of)
    options |= {"dtype": dtype, "name": state.name}
    return quote("self.add_variable({shape}, {options})", shape=shape, options=options)


WEIGHT = py.Name("weight")
EXTREMES = ("maximum", "minimum")


def _primitive_for(weight: str) -> Any:
    """Primitives; a plain number takes the dtype of the weight that there is."""

    def emitted(
        apply: Apply, operands: Sequence[Operand], scope: Scope
    ) -> py.Expression:
        name = apply.primitive
        is_f32 = name == "cast" and apply.attributes["dtype"] is DType.F32
        if is_f32 and not apply.operands[0].type.shape:
            holes = {"x": operands[0].expression, "weight": py.Name(weight)}
            return quote("tf.cast({x}, {weight}.dtype)", **holes)
        if name in EXTREMES:
            a, b = (operand.expression for operand in operands)
            return quote(f"ops.{name}({{a}}, {{b}})", a=a, b=b)
        if name in ("sum", "mean", "max", "min"):
            axes, rank = apply.attributes["axis"], operands[0].type.rank
            if 0 < len(axes) < rank:
                # Counted from the end, as one code is for weights of several ranks.
                shown = [axis - rank for axis in axes]
                options: dict[str, Any] = {
                    "axis": expression_of(shown[0] if len(shown) == 1 else tuple(shown))
                }
                if apply.attributes["keep"]:
                    options["keepdims"] = True
                return quote(
                    f"ops.{name}({{x}}, {{options}})",
                    x=operands[0].expression,
                    options=options,
                )
        return primitive(apply, operands, scope)

    return emitted


def _assigned(name: str, value: py.Expression) -> py.Statement:
    return py.Evaluate(
        quote("{target}.assign({value})", target=py.Name(name), value=value)
    )


WHOLE = Framework(
    _primitive_for("variable"),
    lambda value, dtype, scope: array(value, dtype),
    _assigned,
    "tf.identity({x})",
    weight="variable",
    grad="gradient",
)
"""An update in `update_step` itself."""
INNER = Framework(
    _primitive_for("weight"),
    lambda value, dtype, scope: array(value, dtype),
    _assigned,
    "tf.identity({x})",
    assign=lambda name, value: py.Return(value),
)
"""An update in a method for one kind of weights, which gives the new weight."""
