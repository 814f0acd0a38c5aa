"""Optimizers in Keras: its own where they agree, else a class from the rule.

Keras adds Adam's epsilon before the bias correction, has the learning rate inside the
momentum, and decays weights in every optimizer apart from the gradient; so most rules
are classes of their own.
"""

from collections.abc import Collection, Sequence

from dlmc.backends.python import tree as py
from dlmc.backends.python.dialect import Operand, Scope
from dlmc.backends.python.names import identifier
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code, function
from dlmc.backends.python.update_rules import update_rule
from dlmc.backends.tensorflow.primitives import primitive
from dlmc.ir.module import Apply
from dlmc.ir.program import Optimizer
from dlmc.ir.types import DType

quote = Quote()

BUILD = '''
def build(self, variables: list[keras.Variable]) -> None:
    """Make what is remembered of each weight."""
    if self.built:
        return
    super().build(variables)
    {states}
'''

START = """
{values} = [self.add_variable_from_reference(one, name={name}) for one in variables]
"""

UPDATE = '''
def update_step(
    self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
) -> None:
    """Update one weight."""
    {names}
    {update}
'''

TEMPLATES = (BUILD, START, UPDATE)


def native(optimizer: Optimizer, has_schedule: bool) -> py.Expression | None:
    """Keras's own optimizer, if it has the rule."""
    if not optimizer.is_library or optimizer.definition != "sgd":
        return None
    given = optimizer.arguments
    # Momentum with the learning rate inside is the same while the rate is.
    if given["l2"] or (given["momentum"] and has_schedule):
        return None
    settings = {"momentum": given["momentum"]} if given["momentum"] else {}
    if settings and given["nesterov"]:
        settings["nesterov"] = True
    return quote("keras.optimizers.SGD(args.lr, {settings})", settings=settings)


def optimizer_class(
    optimizer: Optimizer, name: str, taken: Collection[str]
) -> py.Class:
    """A class that updates weights by a rule; raises `Unsupported`."""
    module = optimizer.module
    own = {"self", "index", "keras", "ops", "tf", "learning_rate", *taken}
    rule = update_rule(
        module,
        _primitive,
        lambda target, value: py.Evaluate(
            quote("{target}.assign({value})", target=py.Name(target), value=value)
        ),
        "tf.identity({x})",
        taken=own,
        renamed={"weight": "variable", "grad": "gradient"},
    )
    lines: list[py.Statement] = []
    if "grad" in rule.used:
        lines += code("gradient = tf.convert_to_tensor(gradient)")
    if "lr" in rule.used:
        lines += code("lr = tf.cast(learning_rate, tf.float64)")
    if "step" in rule.used:
        lines += code("step = tf.cast(self.iterations + 1, tf.float64)")
    if rule.states:
        lines += code("index = self._get_variable_index(variable)")
    starts: list[py.Statement] = []
    for state, variable in rule.states.items():
        values = quote("self.{name}", name=f"{identifier(state)}_values")
        lines += code("{to} = {values}[index]", to=py.Name(variable), values=values)
        starts += code(START, values=values, name=state)
    update = function(UPDATE, names=lines, update=list(rule.statements))
    methods = [function(BUILD, states=starts)] if starts else []
    says = module.documentation or f"The rule `{optimizer.definition}`."
    bases = (quote("keras.optimizers.Optimizer"),)
    return py.Class(name, bases, (*methods, update), says)


def _primitive(
    apply: Apply, operands: Sequence[Operand], scope: Scope
) -> py.Expression:
    """A primitive; a plain number takes the dtype of the weight that there is."""
    to_weight = apply.primitive == "cast" and apply.attributes["dtype"] is DType.F32
    if to_weight and not apply.operands[0].type.shape:
        return quote("tf.cast({x}, variable.dtype)", x=operands[0].expression)
    return primitive(apply, operands, scope)
