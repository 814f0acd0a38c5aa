"""`predict.py` in Keras 3 on TensorFlow."""

from typing import Any

from dlmc.backends.python import options, prediction
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.measures import result_target
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.prediction import Runner
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code, defined, function, words_in
from dlmc.backends.tensorflow.training import ENVIRONMENT
from dlmc.ir.types import DType

quote = Quote()

DEVICE = "tensorflow/templates/device.py.jinja"
IMPORTS = {"os": py.Import("os"), "tf": py.Import("tensorflow", alias="tf")}

PREDICT = '''
def predict(
    model: {Model}, inputs: list[np.ndarray], batch: int
) -> dict[str, np.ndarray]:
    """The outputs of a model for samples, by name."""
    run = tf.function(model, reduce_retracing=True)
    found = [
        run(*(array[start : start + batch] for array in inputs), {inference})
        for start in range(0, len(inputs[0]), batch)
    ]
    {outputs} = {arrays}
    return {results}
'''

PREDICT_WHOLE = '''
def predict(model: {Model}, inputs: list[np.ndarray]) -> dict[str, np.ndarray]:
    """The outputs of a model for samples, by name."""
    {outputs} = model(*inputs, {inference})
    return {results}
'''

PREPARE = """
if args.device is not None:
    tf.config.set_visible_devices(args.device, "GPU")
tf.config.experimental.enable_tensor_float_32_execution(False)
"""

CALL = """
predictions = predict(model, inputs, {batch})
"""


def words() -> frozenset[str]:
    """The names that the script uses itself."""
    templates = (PREDICT, PREDICT_WHOLE, PREPARE, CALL, ENVIRONMENT)
    return words_in(*templates, *IMPORTS) | defined(DEVICE) | prediction.words()


def prediction_module(plan: Plan, framework: Framework) -> str:
    """The text of a plan's `predict.py`."""
    device = options.option(
        "--device",
        type=quote("device"),
        help="cpu, gpu, gpu:1, ... (default: the first GPU, if there is one)",
    )
    batch = [quote("args.batch")] if plan.has_batched_outputs else []
    runner = Runner(
        predict=_predict(plan),
        prepare=code(PREPARE),
        call=code(CALL, batch=batch),
        device=device,
        model=framework.model(plan),
        imports={**IMPORTS, plan.model_name: framework.model_import(plan)},
        skeletons=(DEVICE,),
        environment=ENVIRONMENT,
    )
    return prediction.prediction_module(plan, runner)


def _predict(plan: Plan) -> py.Function:
    has_mode = plan.training.model.depends_on_mode
    holes: dict[str, Any] = {
        "Model": py.Name(plan.model_name),
        "outputs": result_target(plan.output_names),
        "inference": {"training": False} if has_mode else {},
    }
    types = [output.type.dtype for output in plan.training.model.outputs]
    is_narrow = DType.BF16 in types  # which NumPy has not
    if not plan.has_batched_outputs:
        array = "tf.cast({x}, tf.float32).numpy()" if is_narrow else "{x}.numpy()"
        results = prediction.results(plan, lambda n: quote(array, x=py.Name(n)))
        return function(PREDICT_WHOLE, **holes, results=results)
    array = "tf.concat({x}, axis=0)"
    array = f"tf.cast({array}, tf.float32).numpy()" if is_narrow else f"{array}.numpy()"
    if len(plan.output_names) == 1:
        arrays = quote(array, x=py.Name("found"))
    else:
        each = quote(array, x=py.Name("parts"))
        arrays = quote("({each} for parts in zip(*found, strict=True))", each=each)
    results = prediction.results(plan)
    return function(PREDICT, **holes, arrays=arrays, results=results)
