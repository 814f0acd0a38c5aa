"""`predict.py` in PyTorch."""

from dlmc.backends.python import options, prediction
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.measures import result_target
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.prediction import Runner
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code, defined, function, words_in
from dlmc.backends.torch.training import FULL_PRECISION, convolves
from dlmc.ir.types import DType

quote = Quote()

DEVICE = "torch/templates/device.py.jinja"
IMPORTS = {"Tensor": py.Import("torch", "Tensor"), "torch": py.Import("torch")}

PREDICT = '''
@torch.inference_mode()
def predict(
    model: {Model}, inputs: list[Tensor], batch: int
) -> dict[str, np.ndarray]:
    """The outputs of a model for samples, by name."""
    model.eval()
    batches = zip(*(tensor.split(batch) for tensor in inputs), strict=True)
    found = [model(*tensors) for tensors in batches]
    {outputs} = {arrays}
    return {results}
'''

PREDICT_WHOLE = '''
@torch.inference_mode()
def predict(model: {Model}, inputs: list[Tensor]) -> dict[str, np.ndarray]:
    """The outputs of a model for samples, by name."""
    model.eval()
    {outputs} = model(*inputs)
    return {results}
'''

CALL = """
tensors = [torch.from_numpy(array).to(args.device) for array in inputs]
predictions = predict(model.to(args.device), tensors, {batch})
"""


def words() -> frozenset[str]:
    """The names that the script uses itself."""
    templates = (PREDICT, PREDICT_WHOLE, CALL)
    return words_in(*templates, *IMPORTS) | defined(DEVICE) | prediction.words()


def prediction_module(plan: Plan, framework: Framework) -> str:
    """The text of a plan's `predict.py`."""
    device = options.option(
        "--device",
        type=quote("device"),
        default=quote("best_device()"),
        help="cpu, cuda, cuda:1, mps, ... (default: the best there is)",
    )
    batch = [quote("args.batch")] if plan.has_batched_outputs else []
    runner = Runner(
        predict=_predict(plan),
        prepare=code(FULL_PRECISION if convolves(plan.training.model) else ""),
        call=code(CALL, batch=batch),
        device=device,
        model=framework.model(plan),
        imports={**IMPORTS, plan.model_name: framework.model_import(plan)},
        skeletons=(DEVICE,),
    )
    return prediction.prediction_module(plan, runner)


def _predict(plan: Plan) -> py.Function:
    model = py.Name(plan.model_name)
    outputs = result_target(plan.output_names)
    types = [output.type.dtype for output in plan.training.model.outputs]
    # NumPy has no bf16.
    as_float = ".float()" if DType.BF16 in types else ""
    array = f"{as_float}.cpu().numpy()"
    if not plan.has_batched_outputs:
        results = prediction.results(plan, lambda name: quote(f"{name}{array}"))
        return function(PREDICT_WHOLE, Model=model, outputs=outputs, results=results)
    if len(plan.output_names) == 1:
        arrays = quote(f"torch.cat(found){array}")
    else:
        arrays = quote(
            f"(torch.cat(parts){array} for parts in zip(*found, strict=True))"
        )
    return function(
        PREDICT,
        Model=model,
        outputs=outputs,
        arrays=arrays,
        results=prediction.results(plan),
    )
