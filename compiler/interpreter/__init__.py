"""What a module means, computed in NumPy by each primitive's own reference."""

from dlmc.interpreter.evaluation import InterpreterError
from dlmc.interpreter.fields import field_values
from dlmc.interpreter.run import Result, run

__all__ = ["InterpreterError", "Result", "field_values", "run"]
