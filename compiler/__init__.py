"""dlmc: one small model description, compiled to PyTorch, TensorFlow and ONNX.

>>> import dlmc
>>> dlmc.check("digits.dlm")  # all errors and warnings, as data
>>> dlmc.build("digits.dlm", target="torch")  # a project folder
>>> model = dlmc.load("digits.dlm", target="torch")  # the live `nn.Module`
"""

from dlmc.api import build, check, load, read
from dlmc.diagnostics import Diagnostic, DlmError

__all__ = ["Diagnostic", "DlmError", "build", "check", "load", "read"]
__version__ = "0.1.0"
