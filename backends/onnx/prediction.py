"""`predict.py` with ONNX Runtime."""

from dlmc.backends.onnx.lowering import output_names
from dlmc.backends.python import options, prediction
from dlmc.backends.python import tree as py
from dlmc.backends.python.measures import targets
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.script import code, defined, function, words_in

quote = Quote()

DEVICE = "onnx/templates/device.py.jinja"
IMPORTS = {"onnxruntime": py.Import("onnxruntime")}

PREDICT = '''
def predict(
    session: onnxruntime.InferenceSession, inputs: list[np.ndarray], batch: int
) -> dict[str, np.ndarray]:
    """The outputs of a graph for samples, by name."""
    found = []
    for start in range(0, len(inputs[0]), batch):
        part = slice(start, start + batch)
        found.append(session.run({names}, {feeds}))
    {outputs} = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return {results}
'''

PREDICT_WHOLE = '''
def predict(
    session: onnxruntime.InferenceSession, inputs: list[np.ndarray]
) -> dict[str, np.ndarray]:
    """The outputs of a graph for samples, by name."""
    {outputs} = session.run({names}, {feeds})
    return {results}
'''

LOAD = """
model = {model}
{inputs}
"""

SCALES = """
with np.load({path}) as file:
    scales = dict(file)
"""

CALL = """
session = open_session({model}, args.device)
predictions = predict(session, inputs, {batch})
"""


def words() -> frozenset[str]:
    """The names that the script uses itself."""
    templates = (PREDICT, PREDICT_WHOLE, LOAD, SCALES, CALL)
    return words_in(*templates, *IMPORTS) | defined(DEVICE) | prediction.words()


def prediction_module(plan: Plan, graph: str, *, is_trained: bool) -> str:
    """The text of a plan's `predict.py`, which runs the graph in a file of that name.

    Where the graph holds trained weights, the script takes none.
    """
    return _PredictionModule(plan, graph, is_trained).text()


class _PredictionModule(prediction.PredictionModule):
    """As on every target, but that the model is a graph that is filled or is whole."""

    def __init__(self, plan: Plan, graph: str, is_trained: bool) -> None:
        self.is_trained = is_trained
        load = "weights.load({graph}, args.weights)"
        given = "model.SerializeToString()"
        if is_trained:
            load, given = "Path(__file__).with_name({graph})", "model"
        batch = [quote("args.batch")] if plan.has_batched_outputs else []
        device = options.option(
            "--device",
            type=quote("device"),
            default=quote("best_device()"),
            help="cpu or cuda (default: the best there is)",
        )
        runner = prediction.Runner(
            predict=_predict(plan),
            prepare=(),
            call=code(CALL, model=quote(given), batch=batch),
            device=device,
            model=quote(load, graph=graph),
            imports=IMPORTS,
            skeletons=(DEVICE,),
        )
        super().__init__(plan, runner)

    def load(self) -> tuple[py.Statement, ...]:
        """Make the graph, and read its inputs."""
        values = py.List(tuple(self.values))
        if not self.plan.has_file:
            inputs = code(prediction.VALUES_ALONE, values=values)
        else:
            scales: list[py.Statement] = []
            if self.plan.has_input_scales:
                beside = quote('args.weights.with_name("scales.npz")')
                if self.is_trained:
                    beside = quote('model.with_name("scales.npz")')
                scales += code(SCALES, path=beside)
            inputs = code(
                prediction.FILE_OR_VALUES,
                values=values,
                scales=scales,
                given=[py.Name("scales")] if scales else [],
            )
        return code(LOAD, model=self.runner.model, inputs=list(inputs))

    def options(self) -> list[py.Statement]:
        """The options; nothing here trains, so that no weights are there by default."""
        weights = options.option(
            "--weights",
            type=quote("Path"),
            metavar="FILE",
            required=True,
            help="trained weights, .safetensors",
        )
        made: list[py.Statement] = []
        for given in super().options():
            if not _is_option(given, "--weights"):
                made.append(given)
            elif not self.is_trained:
                made.append(weights)
        return made


def _is_option(statement: py.Statement, name: str) -> bool:
    match statement:
        case py.Evaluate(py.Call(_, (py.Literal(first), *_))):
            return bool(first == name)
    return False


def _predict(plan: Plan) -> py.Function:
    model = plan.training.model
    is_batched = plan.has_batched_outputs
    value = "inputs[{i}][part]" if is_batched else "inputs[{i}]"
    feeds = [
        (py.Literal(given.name), quote(value, i=i))
        for i, given in enumerate(model.inputs)
    ]
    return function(
        PREDICT if is_batched else PREDICT_WHOLE,
        names=py.List(tuple(map(py.Literal, output_names(model).values()))),
        feeds=py.Dict(tuple(feeds)),
        outputs=targets(plan.output_names),
        results=prediction.results(plan),
    )
