"""What a module means, computed in NumPy by each primitive's own reference."""

from dlmc.interpreter.evaluation import InterpreterError
from dlmc.interpreter.fields import field_values
from dlmc.interpreter.measures import measure
from dlmc.interpreter.optimizers import OptimizerState
from dlmc.interpreter.run import Result, run

__all__ = [
    "InterpreterError",
    "OptimizerState",
    "Result",
    "field_values",
    "measure",
    "run",
]
