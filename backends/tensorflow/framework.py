"""Keras's part in a project."""

from collections.abc import Mapping

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.tensorflow import prediction, training
from dlmc.backends.tensorflow.model import TensorFlowModels
from dlmc.backends.tensorflow.weights import turns, weights_module
from dlmc.ir.module import Module
from dlmc.ir.program import Program


class TensorFlowFramework(Framework):
    """A project for Keras 3 on TensorFlow."""

    title = "TensorFlow"
    requirements = ("keras>=3.5", "tensorflow>=2.17")
    training_requirements = ("numpy>=1.26", "safetensors>=0.4.3", "tqdm>=4.66")

    def __init__(self, program: Program) -> None:
        self.models = TensorFlowModels(program)

    @property
    def words(self) -> frozenset[str]:
        """Those of the scripts."""
        return training.words() | prediction.words()

    def model_module(self, program: Program) -> str:
        """As `TensorFlowModels` writes it."""
        return self.models.module()

    def weights_module(self, program: Program) -> str:
        """With the conversions that the program's layers need."""
        return weights_module(program, self.models)

    def training_module(self, plan: Plan) -> str:
        """Steps through a graph of the project's own."""
        return training.training_module(plan, self)

    def prediction_module(self, plan: Plan) -> str:
        """In inference mode."""
        return prediction.prediction_module(plan, self)

    def model_class(self, plan: Plan) -> str:
        """As it is called in `model.py`."""
        return self.models.class_name(plan.training.model)

    def model(self, plan: Plan) -> py.Expression:
        """`Digits()`: the defaults are the program's."""
        given = self.models.arguments(plan.training.model)
        keywords = tuple(py.Keyword(n, expression_of(v)) for n, v in given.items())
        return py.Call(py.Name(plan.model_name), (), keywords)

    def function(self, module: Module, values: Mapping[str, py.Expression]) -> Code:
        """By Keras's own losses where it has them."""
        return self.models.function(module, values)

    def turns(self, plan: Plan) -> bool:
        """Whether the plan's optimizer turns kernels as the program has them."""
        return turns(plan.training, self.models)
