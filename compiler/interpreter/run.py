"""A whole module on named arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

from dlmc.interpreter.evaluation import Evaluator, InterpreterError
from dlmc.ir.binding import BindingError
from dlmc.ir.module import Module
from dlmc.ir.module import weights as weights_of
from dlmc.ir.types import TensorType
from dlmc.primitives.arrays import Array, np, numpy_dtype


@dataclass(frozen=True, slots=True)
class Result:
    """What a module computed."""

    outputs: dict[str, Array]
    """By name; a single output without one is called `output`."""
    updates: dict[str, Array]
    """The new value of each state that changed, by full dotted name."""


def run(
    module: Module,
    inputs: Mapping[str, Array],
    weights: Mapping[str, Array],
    *,
    training: bool = False,
    seed: int = 0,
    precise: bool = False,
) -> Result:
    """Evaluate a module in one mode.

    Args:
        module: What to evaluate.
        inputs: An array for each input, by name, of the declared dtype and shape; the
            symbols in the shapes take the sizes found.
        weights: Every parameter and state by full dotted name, as
            `dlmc.initializers.initial_weights` gives them.
        training: Which of the module's two bodies to evaluate.
        seed: What the random primitives draw from.
        precise: Compute every float in f64; inputs and weights may then be of any
            float dtype.

    Raises:
        InterpreterError: An array is missing or does not fit its type, or an operation
            has no result (an index out of range).
    """
    evaluator = Evaluator(
        {
            weight.name: _converted(
                "weight", weight.name, weight.type, weights, precise
            )
            for weight in weights_of(module)
        },
        training=training,
        rng=np.random.Generator(np.random.Philox(seed)),
        precise=precise,
    )
    _check_names("weight", weights, [w.name for w in weights_of(module)])
    operands = [
        _converted("input", value.name, value.type, inputs, precise)
        for value in module.inputs
    ]
    _check_names("input", inputs, [value.name for value in module.inputs])
    try:
        # The caller of a whole module is nobody: its arguments are its own.
        with np.errstate(all="ignore"):
            results = evaluator.evaluate(module, operands, {})
    except BindingError as error:
        raise InterpreterError(str(error)) from None
    names = (output.name or "output" for output in module.outputs)
    return Result(dict(zip(names, results, strict=True)), evaluator.updates)


def _check_names(kind: str, given: Mapping[str, Array], known: list[str]) -> None:
    for name in given:
        if name not in known:
            raise InterpreterError(
                f"there is no {kind} {name}; there are: {', '.join(known) or 'none'}"
            )


def _converted(
    kind: str, name: str, type_: TensorType, given: Mapping[str, Array], precise: bool
) -> Array:
    """An array that fits a type, as far as its symbols leave open."""
    if name not in given:
        raise InterpreterError(f"{kind} {name}: {type_} is missing")
    array = np.asarray(given[name])
    wanted = numpy_dtype(type_.dtype)
    any_float = precise and type_.dtype.is_float
    # bf16 is no float to NumPy, but of kind "V".
    is_float = array.dtype.kind == "f" or array.dtype.name == "bfloat16"
    if array.dtype != wanted and not (any_float and is_float):
        raise InterpreterError(f"{kind} {name} is {type_}, got {array.dtype}")
    fits = array.ndim == type_.rank and all(
        size == actual
        for size, actual in zip(type_.shape, array.shape, strict=True)
        if isinstance(size, int)
    )
    if not fits:
        raise InterpreterError(f"{kind} {name} is {type_}, got shape {array.shape}")
    return array.astype(np.float64, copy=False) if any_float else array
