"""`train.py` in PyTorch."""

from typing import Any

from dlmc.backends.python import options
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
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
from dlmc.backends.torch import optimizers
from dlmc.backends.torch.accumulator import WIDE, TorchAccumulator, is_wide
from dlmc.ir.module import Call, Module

quote = Quote()

SKELETON = "torch/templates/train.py.jinja"
IMPORTS = {
    "argparse": py.Import("argparse"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "sys": py.Import("sys"),
    "Callable": py.Import("collections.abc", "Callable"),
    "Iterable": py.Import("collections.abc", "Iterable"),
    "Path": py.Import("pathlib", "Path"),
    "np": py.Import("numpy", alias="np"),
    "torch": py.Import("torch"),
    "F": py.Import("torch.nn.functional", alias="F"),
    "Tensor": py.Import("torch", "Tensor"),
    "nn": py.Import("torch", "nn"),
    "tqdm": py.Import("tqdm", "tqdm"),
    "weights": py.Import("weights"),
}

TRAIN = '''
def train(
    model: {Model},
    optimizer: torch.optim.Optimizer,
    training: list[Tensor],
    validation: list[Tensor],
    args: argparse.Namespace,
) -> None:
    """Train for some epochs, and write a line of history.csv after each."""
    size = len(training[0])
    {schedule_start}
    with (args.out / "history.csv").open("w", newline="", buffering=1) as file:
        history = csv.writer(file)
        history.writerow({columns})
        for epoch in range(args.epochs):
            model.train()
            total = torch.zeros((), device=args.device)
            order = torch.from_numpy(data.epoch_order(size, args.seed, epoch))
            batches = order.to(args.device).split(args.batch)
            with progress(epoch, len(batches)) as bar:
                for index in batches:
                    {fields} = (field[index] for field in training)
                    {step}
                    total += loss.detach() * len(index)
                    # Few steps wait for the device: those after which the bar is drawn.
                    if bar.update():
                        bar.set_postfix_str(f"loss {{loss.item():.4f}}", refresh=False)
            row = {row}
            history.writerow([epoch + 1, *row])
            {report}
'''

STEP = """
{outputs} = model({inputs})
{loss}
optimizer.zero_grad()
loss.backward()
{schedule_step}
optimizer.step()
"""

EVALUATE = """
@torch.inference_mode()
def evaluate(model: {Model}, part: list[Tensor], batch: int) -> {figures}:
    model.eval()
    total = torch.zeros({count}, device=part[0].device)
    {start}
    for {fields} in zip(*(field.split(batch) for field in part), strict=True):
        {outputs} = model({inputs})
        {measures}
        total += {found} * len({first})
        {add}
    {end}
"""

MEANS = """
return (total / len(part[0])).tolist()
"""

MEAN = """
return [total.item() / len(part[0])]
"""

MEASURED = """
{means} = {value}
{measures}
return {result}
"""

SCHEDULE_START = """
step = 0
"""

STEPS_START = """
step, steps = 0, args.epochs * math.ceil(size / args.batch)
"""

SCHEDULE_STEP = """
for group in optimizer.param_groups:
    group["lr"] = {rate}
step += 1
"""

SAMPLES = """
training = [torch.from_numpy(field).to(args.device) for field in samples]
"""

PARTS = """
{names} = (
    [torch.from_numpy(field).to(args.device) for field in part] for part in parts
)
"""

FULL_PRECISION = """
# Convolutions in f32, not in TF32.
torch.backends.cudnn.allow_tf32 = False
"""


def words() -> frozenset[str]:
    """The names that the script uses itself."""
    evaluation = (EVALUATE, MEANS, MEAN, MEASURED, WIDE)
    templates = (TRAIN, STEP, *evaluation, STEPS_START, SCHEDULE_STEP, PARTS)
    own = words_in(*templates, source(SKELETON), *IMPORTS, "learning_rate")
    return own | defined(SKELETON)


def training_module(plan: Plan, framework: Framework) -> str:
    """The text of a plan's `train.py`."""
    return TrainingModule(plan, framework).text()


class TrainingModule:
    """A plan's `train.py` in its parts."""

    def __init__(self, plan: Plan, framework: Framework) -> None:
        self.plan = plan
        self.training = plan.training
        self.framework = framework
        self.measures = Measures(
            plan, framework.function, py.Name("Tensor"), TorchAccumulator()
        )
        self.holes: dict[str, Any] = {
            "Model": py.Name(plan.model_name),
            "inputs": [py.Name(plan.field_names[f.name]) for f in plan.inputs],
        }

    def text(self) -> str:
        """The whole file."""
        plan, training = self.plan, self.training
        functions: list[py.Statement] = self.optimizer_class()
        functions += [*self.measures.functions(), self.train()]
        if plan.has_evaluation:
            functions.append(self.evaluate())
        if training.schedule is not None:
            functions.append(schedule_function(training.schedule))
        finish = self.finish()
        body = render(
            SKELETON,
            functions=[printed(one) for one in functions],
            model=indented(
                code("model = {model}", model=self.framework.model(plan)), 8
            ),
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
        return script(
            options.training_title(plan), plan.program.file, body, imports, local
        )

    def train(self) -> py.Function:
        """The function that trains, which is what a benchmark times."""
        plan = self.plan
        row = quote("[total.item() / size]")
        if plan.has_validation:
            figures = quote("evaluate(model, validation, args.batch)")
            if plan.has_tables:
                figures = quote("{figures}[0]", figures=figures)
            row = quote("[total.item() / size, {f}]", f=[py.Starred(figures)])
        return function(
            TRAIN,
            without=() if plan.has_validation else ("validation",),
            **self.holes,
            fields=self.measures.fields(1),
            step=self.step(),
            schedule_start=self.schedule_start(),
            columns=options.history_columns(plan),
            row=row,
            report=[options.report_epoch(plan)],
        )

    def schedule_start(self) -> list[py.Statement]:
        """What the schedule needs to know before the first step."""
        schedule = self.training.schedule
        if schedule is None:
            return []
        asks = "steps" in counts(schedule)
        return list(code(STEPS_START if asks else SCHEDULE_START))

    def step(self) -> list[py.Statement]:
        """What is done with a batch: one step of the training."""
        schedule = self.training.schedule
        rate: tuple[py.Statement, ...] = ()
        if schedule is not None:
            found = rate_of_step(
                schedule, steps=py.Name("steps"), epoch=quote("len(batches)")
            )
            rate = code(SCHEDULE_STEP, rate=found)
        return list(
            code(
                STEP,
                inputs=self.holes["inputs"],
                outputs=self.measures.outputs(1),
                loss=self.measures.assign(1),
                schedule_step=list(rate),
            )
        )

    def evaluate(self) -> py.Function:
        """The function that measures a part."""
        measures = self.measures
        names = tuple(py.Name(measures.names[i]) for i in measures.means)
        count = len(names)
        figures = "list[float]"
        if self.plan.has_tables:
            figures = "tuple[list[float], dict[str, list[list[float]]]]"
        return function(
            EVALUATE,
            says=measures.summary,
            **self.holes,
            figures=quote(figures),
            count=count if count > 1 else py.Tuple(()),
            start=self.start(),
            fields=measures.fields(),
            outputs=measures.outputs(),
            measures=measures.assign(),
            found=quote("torch.stack({x})", x=py.List(names))
            if count > 1
            else names[0],
            first=py.Name(next(iter(self.plan.field_names.values()))),
            add=[line for one in measures.accumulated for line in one.add()],
            end=self.end(),
        )

    def start(self) -> list[py.Statement]:
        """What totals and wholes are before the first batch."""
        accumulated = self.measures.accumulated
        lines: list[py.Statement] = []
        if any(is_wide(item) for one in accumulated for item in one.collected):
            lines += code(WIDE)
        return lines + [line for one in accumulated for line in one.start()]

    def end(self) -> list[py.Statement]:
        """What is made of the sums and of all else that batches gave."""
        measures = self.measures
        if not measures.accumulated:
            return list(code(MEANS if len(measures.means) > 1 else MEAN))
        result: py.Expression = measures.figures(lambda x: quote("{x}.item()", x=x))
        if self.plan.has_tables:
            result = py.Tuple((result, measures.tables(_rows)))
        return list(
            code(
                MEASURED,
                means=measures.mean_names,
                value=quote(
                    "(total / len(part[0])).tolist()"
                    if len(measures.means) > 1
                    else "total.item() / len(part[0])"
                ),
                measures=[line for one in measures.accumulated for line in one.end()],
                result=result,
            )
        )

    def prepare(self) -> list[py.Statement]:
        """From what was loaded to what is trained."""
        lines = list(code(FULL_PRECISION if convolves(self.training.model) else ""))
        lines += code("model.to(args.device)")
        if self.plan.split is None:
            lines += code(SAMPLES)
        else:
            lines += code(PARTS, names=targets(self.plan.parts))
        lines += code("optimizer = {optimizer}", optimizer=self.optimizer())
        lines += code("if args.compile:\n    model.compile()")
        return lines

    def optimizer(self) -> py.Expression:
        """A new optimizer."""
        made = optimizers.native(self.training.optimizer)
        if made is not None:
            return made
        name = self.plan.optimizer_name
        return quote("{name}(model.parameters(), lr=args.lr)", name=py.Name(name))

    def optimizer_class(self) -> list[py.Statement]:
        """The class of an optimizer that PyTorch has not."""
        given, name = self.training.optimizer, self.plan.optimizer_name
        if optimizers.native(given) is not None:
            return []
        return [optimizers.optimizer_class(given, name, {*IMPORTS, *defined(SKELETON)})]

    def call(self) -> tuple[py.Statement, ...]:
        """The call of `train`."""
        parts = [py.Name(part) for part in self.plan.parts if part != "test"]
        return code("train(model, optimizer, {parts}, args)", parts=parts)

    def finish(self) -> list[py.Statement]:
        """What comes after the weights are written."""
        tables = code("save_tables(tables, args.out)")
        return options.report(
            self.plan, "evaluate(model, {part}, args.batch)", "{measured}", tables
        )

    def parse_args(self) -> tuple[py.Statement, ...]:
        """The function that reads the command line."""
        device = options.option(
            "--device",
            type=quote("device"),
            default=quote("best_device()"),
            help="cpu, cuda, cuda:1, mps, ... (default: the best there is)",
        )
        compiled = options.option(
            "--compile", action="store_true", help="use torch.compile: for long runs"
        )
        given = options.training_options(self.plan, device, compiled)
        return options.parse_args(options.description(self.plan), given)


def _rows(table: py.Name, rank: int) -> py.Expression:
    """A table as a list of its rows."""
    template = "{x}.tolist()" if rank == 2 else "[{x}.tolist()]"
    return quote(template, x=table)


def convolves(module: Module) -> bool:
    """Whether a convolution is anywhere in a module."""
    parts = [instance.module for instance in module.instances]
    for operation in module.inference.operations:
        if isinstance(operation, Call):
            parts.append(operation.module)
        elif operation.primitive.startswith("conv"):
            return True
    return any(map(convolves, parts))
