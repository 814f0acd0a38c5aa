"""`weights.py` in Keras: files in the names and layouts that all targets share.

Keras's layers have names and layouts of their own for their variables; those of the
project's layers are as in the file.
"""

from collections.abc import Mapping

from dlmc.backends.python import printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.script import printed, render, script
from dlmc.backends.python.uses import NativeLayer
from dlmc.backends.tensorflow import optimizers
from dlmc.backends.tensorflow.dialect import used_modules
from dlmc.backends.tensorflow.model import TEMPLATES, TensorFlowModels
from dlmc.backends.tensorflow.quoting import quote
from dlmc.backends.tensorflow.spatial import GROUPED
from dlmc.backends.tensorflow.variables import NAMES, kind_of, layer_of
from dlmc.ir.program import Program, Training

IMPORTS = {
    "Iterator": py.Import("collections.abc", "Iterator"),
    "Path": py.Import("pathlib", "Path"),
    "SafetensorError": py.Import("safetensors", "SafetensorError"),
    "keras": py.Import("keras"),
    "layers": py.Import("keras", "layers"),
    "load_file": py.Import("safetensors.numpy", "load_file"),
    "np": py.Import("numpy", alias="np"),
    "ops": py.Import("keras", "ops"),
    "save_file": py.Import("safetensors.numpy", "save_file"),
    "tf": py.Import("tensorflow", alias="tf"),
}
RENAMED = "prefix + names.get(variable.name, variable.name)"
SAME = "prefix + variable.name"
OWN, DERIVED = "type(layer) in NAMES", "isinstance(layer, tuple(NAMES))"
TURNED = ("Dense", "Conv", "ConvTranspose")
"""Layers whose kernels end with the channels that the file begins with."""
TITLE = "Files of weights, with the names and layouts that every target shares."


def weights_module(program: Program, models: TensorFlowModels) -> str:
    """The text of `weights.py`; with what turns kernels, where an optimizer asks."""
    used = keras_layers(models)
    kinds = {layer: kind_of(layer) for layer in used}
    names = py.Assign(
        py.Name("NAMES"),
        py.Dict(
            tuple(
                (quote(f"layers.{layer}"), _strings(NAMES[kind]))
                for layer, kind in kinds.items()
            )
        ),
    )
    renamed = py.Assign(
        py.Name("LAYERS"),
        _strings({new: old for old, new in models.dialect.renamed.items()}),
    )
    depthwise = [layer for layer in used if kinds[layer] == "DepthwiseConv"]
    body = render(
        f"{TEMPLATES}/weights.py.jinja",
        names=[printed(names)] if used else [],
        renamed=[printed(renamed)] if models.dialect.renamed else [],
        name=printer.expression(quote(RENAMED if used else SAME)),
        derived=models.dialect.grouped,
        is_named=DERIVED if models.dialect.grouped else OWN,
        depthwise=[" | ".join(f"layers.{layer}" for layer in depthwise)][
            : len(depthwise)
        ],
        kernels=[""] * any(kind in TURNED for kind in kinds.values()),
        turns=[""] * any(turns(training, models) for training in program.trainings),
    )
    return script(TITLE, program.file, body, IMPORTS)


def turns(training: Training, models: TensorFlowModels) -> bool:
    """Whether a rule asks for the axes of kernels, which lie otherwise in Keras."""
    kinds = {kind_of(layer) for layer in keras_layers(models)}
    has_kernels = not kinds.isdisjoint({*TURNED, "DepthwiseConv"})
    has_schedule = training.schedule is not None
    return has_kernels and optimizers.asks_for_axes(training.optimizer, has_schedule)


def keras_layers(models: TensorFlowModels) -> list[str]:
    """The layers of Keras with variables that a program uses, sorted."""
    found: set[str] = set()
    for module in used_modules(list(models.dialect.roots)):
        native = models.dialect.native(module)
        if isinstance(native, NativeLayer):
            layer = layer_of(native).removeprefix(GROUPED)
            if kind_of(layer) in NAMES:
                found.add(layer)
    return sorted(found)


def _strings(pairs: Mapping[str, str]) -> py.Expression:
    return py.Dict(tuple((py.Literal(a), py.Literal(b)) for a, b in pairs.items()))
