"""`weights.py` in PyTorch: files in the names and layouts that all targets share.

PyTorch's layouts are those of the file, and so are the names of its states, but that it
also counts the batches that a `BatchNorm` has seen.
"""

from dlmc.backends.python import tree as py
from dlmc.backends.python.script import code, indented, render, script
from dlmc.ir.module import Module
from dlmc.ir.program import Program

IMPORTS = {
    "Path": py.Import("pathlib", "Path"),
    "SafetensorError": py.Import("safetensors", "SafetensorError"),
    "Tensor": py.Import("torch", "Tensor"),
    "load_file": py.Import("safetensors.torch", "load_file"),
    "nn": py.Import("torch", "nn"),
    "save_file": py.Import("safetensors.torch", "save_file"),
    "torch": py.Import("torch"),
}
TITLE = "Files of weights, with the names and layouts that every target shares."

ALL = "return model.state_dict()"

WITHOUT_COUNTERS = """
# How many batches a BatchNorm has seen is of no use, and not in a file.
return {{
    name: tensor
    for name, tensor in model.state_dict().items()
    if not name.endswith("num_batches_tracked")
}}
"""


def weights_module(program: Program) -> str:
    """The text of `weights.py`."""
    counts = any(_counts(training.model) for training in program.trainings)
    lines = code(WITHOUT_COUNTERS if counts else ALL)
    body = render("torch/templates/weights.py.jinja", tensors=indented(lines, 4))
    return script(TITLE, program.file, body, IMPORTS)


def _counts(module: Module) -> bool:
    is_norm = module.is_library and module.definition == "BatchNorm"
    return is_norm or any(_counts(instance.module) for instance in module.instances)
