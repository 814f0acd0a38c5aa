"""dlmc: one small model description, compiled to PyTorch, TensorFlow and ONNX.

>>> import dlmc
>>> dlmc.check("digits.dlm")  # all errors and warnings, as data
>>> dlmc.build("digits.dlm", target="torch")  # a project folder
>>> model = dlmc.load("digits.dlm", target="torch")  # the live `nn.Module`
>>> dlmc.verify("digits.dlm").agrees  # whether all targets do the same
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlmc.api import build, check, load, read, verify
    from dlmc.diagnostics import Diagnostic, DlmError

__all__ = ["Diagnostic", "DlmError", "build", "check", "load", "read", "verify"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What is offered is imported when it is first asked for: `--help` needs none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dlmc import api, diagnostics

    return getattr(api if hasattr(api, name) else diagnostics, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
