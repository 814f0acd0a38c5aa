"""PyTorch's part in a project."""

from collections.abc import Mapping

from dlmc.backends.python import tree as py
from dlmc.backends.python.flat import Code
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import expression_of
from dlmc.backends.torch import prediction, training
from dlmc.backends.torch.model import TorchModels
from dlmc.backends.torch.weights import weights_module
from dlmc.ir.module import Module
from dlmc.ir.program import Program


class TorchFramework(Framework):
    """A project for PyTorch."""

    title = "PyTorch"
    requirements = ("torch>=2.4",)
    training_requirements = ("numpy>=1.26", "safetensors>=0.4.3", "tqdm>=4.66")

    def __init__(self, program: Program) -> None:
        self.models = TorchModels(program)

    @property
    def words(self) -> frozenset[str]:
        """Those of the scripts."""
        return training.words() | prediction.words()

    def model_module(self, program: Program) -> str:
        """As `TorchModels` writes it."""
        return self.models.module()

    def weights_module(self, program: Program) -> str:
        """With the names of the weight file."""
        return weights_module(program)

    def training_module(self, plan: Plan) -> str:
        """A plain loop over tensors."""
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
        """By PyTorch's own losses where it has them."""
        return self.models.function(module, values)
