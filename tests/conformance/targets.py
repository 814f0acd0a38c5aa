"""One way to ask each target what a module computes.

A framework is imported when the first module runs on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from dlmc.ir.module import Module, Value
from dlmc.ir.types import DType, TensorType
from dlmc.primitives.arrays import numpy_dtype

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Observed:
    """What a module did with its inputs."""

    outputs: dict[str, Any]
    updates: dict[str, Any] = field(default_factory=dict)
    """The states after it, by full name."""
    gradients: dict[str, Any] = field(default_factory=dict)
    """Of the outputs' projection, with respect to inputs and weights of floats."""


class Target(Protocol):
    """Runs modules in one framework.

    `natives` says whether the framework's own functions and layers stand for those of
    the library; without them all is written out. `projections` are numbers by output:
    the gradients are those of the sum of the outputs times these. Raises `Unsupported`
    where the target cannot express the module.
    """

    def __call__(
        self,
        module: Module,
        weights: Arrays,
        inputs: Arrays,
        *,
        natives: bool,
        training: bool,
        projections: Arrays | None = None,
    ) -> Observed:
        """What the module does."""


def torch(
    module: Module,
    weights: Arrays,
    inputs: Arrays,
    *,
    natives: bool,
    training: bool,
    projections: Arrays | None = None,
) -> Observed:
    """PyTorch."""
    import torch

    from tests.unit.backends.torch_modules import made

    model = made(module, weights, natives=natives)
    model.train(training)
    given = {v.name: _torch_tensor(inputs[v.name]) for v in module.inputs}
    for tensor in given.values():
        tensor.requires_grad_(projections is not None and tensor.is_floating_point())
    found = model(*given.values())
    tensors = found if isinstance(found, tuple) else (found,)
    results = dict(zip(names(module), tensors, strict=True))
    gradients: dict[str, Any] = {}
    if projections is not None:
        watched = {n: t for n, t in given.items() if t.requires_grad}
        watched |= dict(model.named_parameters())
        totals = [
            (results[name] * torch.from_numpy(np.asarray(projection))).sum()
            for name, projection in projections.items()
            if results[name].requires_grad
        ]
        if watched:
            pulled: Any = [None] * len(watched)
            if totals:
                pulled = torch.autograd.grad(
                    sum(totals), list(watched.values()), allow_unused=True
                )
            gradients = {
                name: np.zeros(tuple(t.shape)) if g is None else _numpy(g)
                for (name, t), g in zip(watched.items(), pulled, strict=True)
            }
    states = {n: _numpy(b) for n, b in model.state_dict().items() if n in weights}
    return Observed({n: _numpy(t) for n, t in results.items()}, states, gradients)


def tensorflow(
    module: Module,
    weights: Arrays,
    inputs: Arrays,
    *,
    natives: bool,
    training: bool,
    projections: Arrays | None = None,
    graph: bool = False,
) -> Observed:
    """Keras on TensorFlow; in a graph for any sizes where `graph`."""
    import tensorflow as tf

    from tests.unit.backends.keras_models import made

    if not module.inputs:  # Keras calls no layer on nothing
        unused = Value("unused", TensorType(DType.F32, (2,)))
        module = replace(module, inputs=(unused,))
        inputs = {"unused": np.zeros(2, np.float32)}
    model = made(module, weights, natives=natives)
    given = {v.name: tf.constant(inputs[v.name]) for v in module.inputs}
    floats = {name: x for name, x in given.items() if x.dtype.is_floating}
    if graph:
        signature = [
            tf.TensorSpec(
                [size if isinstance(size, int) else None for size in v.type.shape],
                given[v.name].dtype,
            )
            for v in module.inputs
        ]
        call = tf.function(
            lambda *tensors: model.called(tensors, training), input_signature=signature
        )
        found = call(*given.values())
        results = dict(zip(names(module), found, strict=True))
        return Observed({n: t.numpy() for n, t in results.items()})
    with tf.GradientTape() as tape:
        tape.watch(list(floats.values()))
        found = model.called(list(given.values()), training)
        results = dict(zip(names(module), found, strict=True))
        total = tf.zeros((), tf.float64)
        for name, projection in (projections or {}).items():
            product = tf.cast(results[name] * tf.constant(projection), tf.float64)
            total += tf.reduce_sum(product)
    gradients: dict[str, Any] = {}
    if projections:
        owned = {
            name: (layer, variable)
            for name, layer, variable in model.files.named(model.model)
            if variable.trainable
        }
        watched = {**floats, **{name: v.value for name, (_, v) in owned.items()}}
        pulled = tape.gradient(total, watched)
        for name, gradient in pulled.items():
            source = watched[name]
            array = np.zeros(tuple(source.shape)) if gradient is None else (
                tf.convert_to_tensor(gradient).numpy()
            )  # fmt: skip
            if name in owned:
                layer, variable = owned[name]
                like = SimpleNamespace(name=variable.name, numpy=lambda a=array: a)
                array = model.files.to_file(layer, like)
            gradients[name] = array
    states = model.weights() if training and module.has_states else {}
    return Observed({n: t.numpy() for n, t in results.items()}, states, gradients)


def onnx(
    module: Module,
    weights: Arrays,
    inputs: Arrays,
    *,
    natives: bool,
    training: bool,
    projections: Arrays | None = None,
) -> Observed:
    """A graph on ONNX Runtime, for inference."""
    from dlmc.backends.onnx.lowering import lower, output_names
    from dlmc.backends.onnx.natives import NATIVES
    from tests.unit.backends.onnx_graphs import checked, fill, run_graph

    assert not training
    graph = lower(module, natives=NATIVES if natives else {})
    fill(graph, weights)
    found = run_graph(checked(graph), inputs)
    called = output_names(module)
    return Observed({name: found[called[name]] for name in names(module)})


TARGETS: Mapping[str, Target] = {
    "torch": torch, "tensorflow": tensorflow, "onnx": onnx,
}  # fmt: skip
"""By the name of the backend."""


def names(module: Module) -> list[str]:
    """What the outputs of a module are called in results."""
    return [output.name or "output" for output in module.outputs]


def wide(array: Any) -> Any:
    """Numbers as f64, where they are floats of any kind."""
    found = np.asarray(array)
    is_float = found.dtype.kind == "f" or found.dtype == numpy_dtype(DType.BF16)
    return found.astype(np.float64) if is_float else found


def _torch_tensor(array: Any) -> Any:
    import torch

    array = np.asarray(array)
    if array.dtype == numpy_dtype(DType.BF16):
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array.copy())


def _numpy(tensor: Any) -> Any:
    import torch

    found = tensor.detach()
    return (found.float() if found.dtype is torch.bfloat16 else found).numpy().copy()
