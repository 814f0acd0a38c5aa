"""`train.py` in Keras 3 on TensorFlow."""

from typing import TYPE_CHECKING, Any

from dlmc.backends.python import options
from dlmc.backends.python import tree as py
from dlmc.backends.python.measures import Measures, targets
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.schedule import counts, rate_of_step, schedule_function
from dlmc.backends.python.script import (
    code,
    defined,
    function,
    indented,
    printed,
    render,
    script,
    source,
    words_in,
)
from dlmc.backends.tensorflow import optimizers
from dlmc.backends.tensorflow.accumulator import TensorFlowAccumulator
from dlmc.ir.types import DType, TensorType

if TYPE_CHECKING:
    from dlmc.backends.tensorflow.framework import TensorFlowFramework

quote = Quote()

SKELETON = "tensorflow/templates/train.py.jinja"
IMPORTS = {
    "argparse": py.Import("argparse"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "os": py.Import("os"),
    "sys": py.Import("sys"),
    "time": py.Import("time"),
    "Callable": py.Import("collections.abc", "Callable"),
    "Path": py.Import("pathlib", "Path"),
    "keras": py.Import("keras"),
    "ops": py.Import("keras", "ops"),
    "np": py.Import("numpy", alias="np"),
    "tf": py.Import("tensorflow", alias="tf"),
    "tqdm": py.Import("tqdm", "tqdm"),
    "weights": py.Import("weights"),
}

ENVIRONMENT = """
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
"""

INIT = """
def __init__(
    self,
    model: {Model},
    optimizer: keras.optimizers.Optimizer,
    training: list[tf.Tensor],
    batch: int,
) -> None:
    self.model = model
    self.optimizer = optimizer
    self.training = training
    self.batch = batch
    optimizer.build(model.trainable_variables)
"""

STEPS = '''
@tf.function(input_signature={signature})
def steps(self, order: tf.Tensor, rates: tf.Tensor) -> tf.Tensor:
    """Take a step for each batch of these samples; the sum of their losses."""
    total = tf.zeros((), {wide})
    for start in tf.range(0, tf.size(order), self.batch):
        index = order[start : start + self.batch]
        {fields} = [tf.gather(field, index) for field in self.training]
        with tf.GradientTape() as tape:
            {outputs} = self.model({inputs}, {training})
            {loss}
        variables = self.model.trainable_variables
        {schedule_step}
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        total += {sum} * tf.cast(tf.size(index), {kind})
    return total
'''

EVALUATE = """
@tf.function(input_signature=[FIELDS])
def evaluate(self, part: list[tf.Tensor]) -> {figures}:
    size = tf.shape(part[0])[0]
    total = tf.zeros({shape})
    {start}
    for start in tf.range(0, size, self.batch):
        {fields} = [field[start : start + self.batch] for field in part]
        {outputs} = self.model({inputs}, {inference})
        {measures}
        count = tf.cast(tf.shape({first})[0], tf.float32)
        total += {found} * count
        {add}
    {end}
"""

MEANS = """
return total / tf.cast(size, tf.float32)
"""

MEAN = """
return tf.stack([total / tf.cast(size, tf.float32)])
"""

MEASURED = """
{means} = {value}
{measures}
return {result}
"""

TRAIN = '''
def train(
    trainer: Trainer, validation: list[tf.Tensor], args: argparse.Namespace
) -> None:
    """Train for some epochs, and write a line of history.csv after each."""
    size, steps = len(trainer.training[0]), 1
    {schedule_start}
    with (args.out / "history.csv").open("w", newline="", buffering=1) as file:
        history = csv.writer(file)
        history.writerow({columns})
        for epoch in range(args.epochs):
            order = data.epoch_order(size, args.seed, epoch)
            total, done = 0.0, 0
            with progress(epoch, math.ceil(size / args.batch)) as bar:
                while done < size:
                    start = time.perf_counter()
                    samples = order[done : done + steps * args.batch]
                    {rates}
                    loss = float(trainer.steps(samples, {given_rates}))
                    total += loss
                    done += len(samples)
                    shown = f"loss {{loss / len(samples):.4f}}"
                    bar.set_postfix_str(shown, refresh=False)
                    bar.update(math.ceil(len(samples) / args.batch))
                    # One call of the graph takes as many steps as a tenth of a second.
                    if time.perf_counter() - start < 0.1:
                        steps *= 2
            row = {row}
            history.writerow([epoch + 1, *row])
            {report}
'''

SCHEDULE_START = """
step = 0
"""

STEPS_START = """
step, last = 0, args.epochs * math.ceil(size / args.batch)
"""

RATES = """
taken = range(step, step + math.ceil(len(samples) / args.batch))
rates = [{rate} for step in taken]
step = taken.stop
"""

SCHEDULE_STEP = """
self.optimizer.learning_rate = rates[start // self.batch]
"""

TABLES = """
tables = {{name: table.numpy().tolist() for name, table in tables.items()}}
save_tables(tables, args.out)
"""

SAMPLES = """
training = [tf.constant(field) for field in samples]
"""

PARTS = """
{names} = ([tf.constant(field) for field in part] for part in parts)
"""


def words() -> frozenset[str]:
    """The names that the script uses itself."""
    templates = (
        INIT,
        STEPS,
        EVALUATE,
        MEANS,
        MEAN,
        MEASURED,
        TRAIN,
        STEPS_START,
        RATES,
        SCHEDULE_STEP,
    )
    rules = optimizers.TEMPLATES
    fixed = (SAMPLES, PARTS, TABLES, source(SKELETON), *IMPORTS)
    return words_in(*templates, *rules, *fixed) | defined(SKELETON)


def training_module(plan: Plan, framework: "TensorFlowFramework") -> str:
    """The text of a plan's `train.py`."""
    return TrainingModule(plan, framework).text()


class TrainingModule:
    """A plan's `train.py` in its parts."""

    def __init__(self, plan: Plan, framework: "TensorFlowFramework") -> None:
        self.plan = plan
        self.training = plan.training
        self.framework = framework
        self.measures = Measures(
            plan, framework.function, quote("tf.Tensor"), TensorFlowAccumulator()
        )
        has_mode = plan.training.model.depends_on_mode
        self.holes: dict[str, Any] = {
            "inputs": [py.Name(plan.field_names[f.name]) for f in plan.inputs],
            "training": {"training": True} if has_mode else {},
            "inference": {"training": False} if has_mode else {},
        }

    def text(self) -> str:
        """The whole file."""
        plan, training = self.plan, self.training
        functions: list[py.Statement] = self.optimizer_class()
        functions += [*self.measures.functions(), self.trainer(), self.train()]
        if training.schedule is not None:
            functions.append(schedule_function(training.schedule))
        parts = [printed(one) for one in functions]
        finish = self.finish()
        if self.plan.has_evaluation:
            parts.insert(0, printed(self.fields()))
        body = render(
            SKELETON,
            functions=parts,
            model=indented(code("model = {new}", new=self.framework.model(plan)), 8),
            load=indented(options.load_parts(plan), 8),
            prepare=indented(self.prepare(), 4),
            train=indented(self.call(), 4),
            save_scales=options.save_scales(plan),
            test=[indented(finish, 4)] if finish else [],
            has_tables=[""] * plan.has_tables,
            parse_args=printed(self.parse_args()),
            has_file=[""] * plan.has_file,
        )
        imports = IMPORTS | {i.bound: i for i in py.imports(functions)}
        imports |= {
            "data": py.Import(plan.module("data"), alias="data"),
            plan.model_name: self.framework.model_import(plan),
        }
        local = ("data", "model", "weights", plan.module("data"))
        title = options.training_title(plan)
        return script(title, plan.program.file, body, imports, local, ENVIRONMENT)

    def fields(self) -> py.Statement:
        """What a batch is made of."""
        specs = py.List(tuple(_spec(field.type) for field in self.plan.fields))
        return py.Assign(py.Name("FIELDS"), specs)

    def trainer(self) -> py.Class:
        """The class of what runs as a graph."""
        has_schedule = self.training.schedule is not None
        type_ = self.training.loss.outputs[0].type
        is_wide = type_.dtype is DType.F64
        steps = function(
            STEPS,
            without=() if has_schedule else ("rates",),
            **self.holes,
            fields=self.measures.fields(1),
            outputs=self.measures.outputs(1),
            loss=self.measures.assign(1),
            schedule_step=list(code(SCHEDULE_STEP) if has_schedule else ()),
            sum=py.Name("loss") if is_wide else _as_float(py.Name("loss"), type_),
            kind=quote("tf.float64" if is_wide else "tf.float32"),
            wide=[quote("tf.float64")] * is_wide,
            signature=py.List(
                (
                    quote("tf.TensorSpec([None], tf.int64)"),
                    *[quote("tf.TensorSpec([None], tf.float64)")] * has_schedule,
                )
            ),
        )
        methods = [function(INIT, Model=py.Name(self.plan.model_name)), steps]
        if self.plan.has_evaluation:
            methods.append(self.evaluate())
        says = (
            "A model, its optimizer and its training part; each step runs as a graph."
        )
        return py.Class("Trainer", (), tuple(methods), says)

    def evaluate(self) -> py.Function:
        """The method that measures a part."""
        measures = self.measures
        found = tuple(
            _as_float(py.Name(measures.names[i]), self.plan.measures[i].outputs[0].type)
            for i in measures.means
        )
        count = len(found)
        figures = "tf.Tensor"
        if self.plan.has_tables:
            figures = "tuple[tf.Tensor, dict[str, tf.Tensor]]"
        return function(
            EVALUATE,
            says=measures.summary,
            **self.holes,
            figures=quote(figures),
            shape=count if count > 1 else py.Tuple(()),
            start=[line for one in measures.accumulated for line in one.start()],
            fields=measures.fields(),
            outputs=measures.outputs(),
            measures=measures.assign(),
            found=quote("tf.stack({x})", x=py.List(found)) if count > 1 else found[0],
            first=py.Name(next(iter(self.plan.field_names.values()))),
            add=[line for one in measures.accumulated for line in one.add()],
            end=self.end(),
        )

    def end(self) -> list[py.Statement]:
        """What is made of the sums and of all else that batches gave."""
        measures = self.measures
        if not measures.accumulated:
            return list(code(MEANS if len(measures.means) > 1 else MEAN))
        value = quote("total / tf.cast(size, tf.float32)")
        if len(measures.means) > 1:
            value = quote("tf.unstack(total / tf.cast(size, tf.float32))")
        types = {
            one.variable: one.metric.result.outputs[0].type
            for one in measures.accumulated
        }

        def number(x: py.Name) -> py.Expression:
            return _as_float(x, types[x.id])

        result: py.Expression = quote("tf.stack({x})", x=measures.figures(number))
        if self.plan.has_tables:
            result = py.Tuple((result, measures.tables(_rows)))
        return list(
            code(
                MEASURED,
                means=measures.mean_names,
                value=value,
                measures=[line for one in measures.accumulated for line in one.end()],
                result=result,
            )
        )

    def train(self) -> py.Function:
        """The function that trains, which is what a benchmark times."""
        plan = self.plan
        figures = quote("trainer.evaluate(validation)")
        if plan.has_tables:
            figures = quote("{figures}[0]", figures=figures)
        validated = py.Starred(quote("{figures}.numpy().tolist()", figures=figures))
        row = quote(
            "[total / size, {validated}]",
            validated=[validated] if plan.has_validation else [],
        )
        return function(
            TRAIN,
            without=() if plan.has_validation else ("validation",),
            schedule_start=self.schedule_start(),
            rates=self.rates(),
            given_rates=self.given_rates(),
            columns=options.history_columns(plan),
            row=row,
            report=[options.report_epoch(plan)],
        )

    @property
    def has_schedule(self) -> bool:
        """Whether the learning rate changes."""
        return self.training.schedule is not None

    def schedule_start(self) -> list[py.Statement]:
        """What the schedule needs to know before the first step."""
        schedule = self.training.schedule
        if schedule is None:
            return []
        asks = "steps" in counts(schedule)
        return list(code(STEPS_START if asks else SCHEDULE_START))

    def rates(self) -> list[py.Statement]:
        """The learning rates of the steps on `samples`."""
        schedule = self.training.schedule
        if schedule is None:
            return []
        return list(
            code(
                RATES,
                rate=rate_of_step(
                    schedule,
                    steps=py.Name("last"),
                    epoch=quote("math.ceil(size / args.batch)"),
                ),
            )
        )

    def given_rates(self) -> list[py.Expression]:
        """What a call of `Trainer.steps` is given besides the samples."""
        return [py.Name("rates")] * self.has_schedule

    def prepare(self) -> list[py.Statement]:
        """From what was loaded to what is trained."""
        if self.plan.split is None:
            lines = list(code(SAMPLES))
        else:
            lines = list(code(PARTS, names=targets(self.plan.parts)))
        lines += code("optimizer = {optimizer}", optimizer=self.optimizer())
        lines += code("trainer = Trainer(model, optimizer, training, args.batch)")
        return lines

    def optimizer(self) -> py.Expression:
        """A new optimizer."""
        has_schedule = self.training.schedule is not None
        made = optimizers.native(self.training.optimizer, has_schedule)
        if made is not None:
            return made
        return quote(
            "{name}(args.lr, {model})",
            name=py.Name(self.plan.optimizer_name),
            model=[py.Name("model")] * self.framework.turns(self.plan),
        )

    def optimizer_class(self) -> list[py.Statement]:
        """The class of an optimizer that Keras has not, or has otherwise."""
        given, name = self.training.optimizer, self.plan.optimizer_name
        has_schedule = self.training.schedule is not None
        if optimizers.native(given, has_schedule) is not None:
            return []
        turned = self.framework.turns(self.plan)
        taken = {*IMPORTS, *defined(SKELETON)}
        return [optimizers.optimizer_class(given, name, taken, turned)]

    def call(self) -> tuple[py.Statement, ...]:
        """The call of `train`."""
        validation = [py.Name("validation")] * self.plan.has_validation
        return code("train(trainer, {validation}, args)", validation=validation)

    def finish(self) -> list[py.Statement]:
        """What comes after the weights are written."""
        tables = code(TABLES)
        return options.report(
            self.plan, "trainer.evaluate({part})", "{measured}.numpy()", tables
        )

    def parse_args(self) -> tuple[py.Statement, ...]:
        """The function that reads the command line."""
        device = options.option(
            "--device",
            type=quote("device"),
            help="cpu, gpu, gpu:1, ... (default: the first GPU, if there is one)",
        )
        eager = options.option(
            "--eager", action="store_true", help="run without graphs: to debug"
        )
        given = options.training_options(self.plan, device, eager)
        return options.parse_args(options.description(self.plan), given)


_DTYPES = {
    DType.F16: "float16",
    DType.F32: "float32",
    DType.F64: "float64",
    DType.I8: "int8",
    DType.I16: "int16",
    DType.I32: "int32",
    DType.I64: "int64",
    DType.U8: "uint8",
    DType.BOOL: "bool",
}


def _spec(type_: TensorType) -> py.Expression:
    shape = py.List((py.Literal(None), *(py.Literal(n) for n in type_.shape)))
    return quote(f"tf.TensorSpec({{shape}}, tf.{_DTYPES[type_.dtype]})", shape=shape)


def _rows(table: py.Name, rank: int) -> py.Expression:
    """A table of rows."""
    return table if rank == 2 else quote("{x}[None]", x=table)


def _as_float(value: py.Expression, type_: TensorType) -> py.Expression:
    if type_.dtype is DType.F32:
        return value
    return quote("tf.cast({x}, tf.float32)", x=value)
