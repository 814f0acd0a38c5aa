"""The library in Keras, with Keras's own functions and layers and without."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dlmc.initializers import initial_weights
from dlmc.interpreter import run
from tests.unit.backends import test_torch_library as in_torch
from tests.unit.backends import torch_modules
from tests.unit.backends.keras_models import Made, made, source
from tests.unit.backends.library_uses import CURVES, KINKS, PROGRAMS, program
from tests.unit.backends.test_torch_models import close, inputs_of, random_weights
from tests.unit.elaborate.programs import model as model_of


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_forward(text: str, natives: bool) -> None:
    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    model = made(module, start, natives=natives)
    close(model.outputs(inputs), run(module, inputs, start).outputs, 1e-5)
    close(model.weights(), start, 1e-7)


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_gradients(text: str) -> None:
    """Those of each output by itself: with natives and without, and as in PyTorch."""
    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    bodies, natives = (
        gradients(made(module, start, natives=own), list(inputs.values()))
        for own in (False, True)
    )
    close(natives, bodies, 1e-4)
    given = torch_modules.tensors(module, inputs)
    for tensor in given:
        tensor.requires_grad_(tensor.is_floating_point())
    wanted = in_torch.gradients(torch_modules.made(module, start), given)
    close(natives, {name: wanted[name] for name in natives}, 1e-4)


def gradients(model: Made, inputs: list[Any]) -> dict[str, Any]:
    """Of the same weighted sum of each output as in PyTorch, in the files' layouts."""
    import tensorflow as tf
    import torch

    given = [tf.constant(array) for array in inputs]
    floats = {f"input {i}": x for i, x in enumerate(given) if x.dtype.is_floating}
    variables = {
        name: (layer, variable)
        for name, layer, variable in model.files.named(model.model)
    }
    watched = {**floats, **{n: v.value for n, (_, v) in variables.items()}}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(list(floats.values()))
        totals = []
        for y in model.called(given):
            rng = torch.Generator().manual_seed(0)
            like = torch.empty(0, dtype=getattr(torch, y.dtype.name))
            weights = torch.rand(tuple(y.shape), generator=rng, dtype=like.dtype)
            totals.append(tf.reduce_sum(y * tf.constant(weights.numpy())))
    found = {}
    for i, total in enumerate(totals):
        for name, gradient in tape.gradient(total, watched).items():
            if gradient is None:
                continue
            array = tf.convert_to_tensor(gradient).numpy()
            if name in variables:
                layer, variable = variables[name]
                like = SimpleNamespace(name=variable.name, numpy=lambda a=array: a)
                array = model.files.to_file(layer, like)
            found[f"output {i}, {name}"] = array
    return found


@pytest.mark.parametrize("natives", [True, False], ids=["natives", "bodies"])
def test_gradients_where_curves_have_corners(natives: bool) -> None:
    """They are those of PyTorch."""
    import tensorflow as tf

    text = program(CURVES, "input x: f64[N]")
    wanted = in_torch.slopes(text, True)
    x = tf.constant(KINKS, tf.float64)
    model = made(model_of(text), natives=natives)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        results = model.called([x])
    for (curve, slope), y in zip(wanted.items(), results, strict=True):
        found = tape.gradient(y, x).numpy()
        np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-9, err_msg=curve)


def test_gradients_of_norms_at_zero() -> None:
    """They are 0; those of Keras's own functions are no numbers."""
    import tensorflow as tf

    text = program(("norm(x)", "std(x, axis = -1)"), "input x: f32[N, 4]")
    x = tf.zeros((2, 4))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        results = made(model_of(text)).called([x])
    for y in results:
        assert tape.gradient(y, x).numpy().tolist() == [[0.0] * 4] * 2


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_graphs(text: str) -> None:
    """Sizes that are known only when the graph runs."""
    import tensorflow as tf

    module = model_of(text)
    start = random_weights(module)
    inputs = inputs_of(module)
    model = made(module, start)
    signature = [
        tf.TensorSpec(
            [size if isinstance(size, int) else None for size in value.type.shape],
            tf.as_dtype(inputs[value.name].dtype),
        )
        for value in module.inputs
    ]
    graph = tf.function(lambda *given: model.model(*given), input_signature=signature)
    found = graph(*inputs.values())
    results = found if isinstance(found, tuple) else (found,)
    names = [output.name or "output" for output in module.outputs]
    arrays = {n: y.numpy() for n, y in zip(names, results, strict=True)}
    close(arrays, run(module, inputs, start).outputs, 1e-5)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("relu6(x)", "ops.relu6(x)"),
        ("leaky_relu(x, 0.1)", "ops.leaky_relu(x, negative_slope=0.1)"),
        ("elu(x)", "ops.elu(x)"),
        ("gelu_tanh(x)", "ops.gelu(x, approximate=True)"),
        ("mish(x)", "keras.activations.mish(x)"),
        ("clip(x, 0, 1)", "ops.clip(x, 0, 1)"),
        ("x -> GroupNorm(3)", "layers.GroupNormalization(3, epsilon=1e-5, name="),
        ("x -> InstanceNorm(true)", "layers.GroupNormalization( -1, epsilon=1e-5"),
        ("x -> LayerNorm(bias = false)", "epsilon=1e-5, center=False, name="),
        ("x -> RMSNorm", "layers.RMSNormalization(epsilon=1e-6, name="),
        ("split(x, 3, axis = 1)[0]", "ops.split(x, 3, axis=1)"),
        ("split(x, [1, 2, 3], axis = 1)[0]", "ops.split(x, [1, 3], axis=1)"),
        ("logsumexp(x)", "ops.logsumexp(x, axis=-1)"),
        ("x[:, new]", "ops.expand_dims(x, 1)"),
        ("mean(x, axis = 1)[..., new]", "ops.expand_dims(ops.mean(x, axis=1), -1)"),
        ("mean(x, axis = 1, keep = true)[:, 0]", "keepdims=True), 1)"),
        ("reshape(max(x, axis = 1, keep = true), [N, 4])", "keepdims=True), 1)"),
        ("var(x, axis = [1, 2])", "ops.var(x, axis=(1, 2))"),
    ],
)
def test_what_is_written(expression: str, written: str) -> None:
    code = " ".join(
        source(model_of(program([expression], "input x: f32[N, 6, 4]"))).split()
    )
    assert written in code
    assert code.count("def ") <= 2  # those of the model


@pytest.mark.parametrize("name", ["channels", "last axis", "slopes"])
def test_initial_weights(name: str) -> None:
    """Equal where they are numbers, else between the same bounds."""
    module = model_of(PROGRAMS[name])
    wanted = initial_weights(module, 0)
    found = made(module).weights()
    assert found.keys() == wanted.keys()
    for weight, array in wanted.items():
        if array.std() == 0:
            np.testing.assert_array_equal(found[weight], array, err_msg=weight)
        else:
            assert 0.1 <= found[weight].min() < found[weight].max() <= 0.3


def test_style(tmp_path: Path) -> None:
    """Ruff takes the code as it is."""
    for i, text in enumerate(PROGRAMS.values()):
        for natives in (True, False):
            code = source(model_of(text), natives)
            (tmp_path / f"m{i}{natives}.py").write_text(code, "utf-8")
    for command in (["format", "--diff"], ["check", "--extend-select=I,UP,B"]):
        done = subprocess.run(
            ["ruff", *command, "--isolated", "--quiet", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": str(Path(sys.executable).parent)},
        )
        assert done.returncode == 0, done.stdout
