"""`train.py` in PyTorch."""

from typing import Any

from dlmc.backends.python import options
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.measures import Measures, targets
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.schedule import schedule_function
from dlmc.backends.python.script import (
    code,
    function,
    indented,
    printed,
    render,
    script,
    source,
    words_in,
)
from dlmc.backends.torch import optimizers
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
                    {outputs} = model({inputs})
                    {loss}
                    optimizer.zero_grad()
                    loss.backward()
                    {schedule_step}
                    optimizer.step()
                    total += loss.detach() * len(index)
                    # Few steps wait for the device: those after which the bar is drawn.
                    if bar.update():
                        bar.set_postfix_str(f"loss {{loss.item():.4f}}", refresh=False)
            row = {row}
            history.writerow([epoch + 1, *row])
            {report}
'''

EVALUATE = """
@torch.inference_mode()
def evaluate(model: {Model}, part: list[Tensor], batch: int) -> list[float]:
    model.eval()
    total = torch.zeros({count}, device=part[0].device)
    for {fields} in zip(*(field.split(batch) for field in part), strict=True):
        {outputs} = model({inputs})
        {measures}
        total += torch.stack({names}) * len({first})
    return (total / len(part[0])).tolist()
"""

SCHEDULE_START = """
step, steps = 0, args.epochs * math.ceil(size / args.batch)
"""

SCHEDULE_STEP = """
for group in optimizer.param_groups:
    group["lr"] = learning_rate(args.lr, step, steps)
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
    templates = (TRAIN, EVALUATE, SCHEDULE_START, SCHEDULE_STEP, PARTS)
    return words_in(*templates, source(SKELETON), *IMPORTS)


def training_module(plan: Plan, framework: Framework) -> str:
    """The text of a plan's `train.py`."""
    return _TrainingModule(plan, framework).text()


class _TrainingModule:
    def __init__(self, plan: Plan, framework: Framework) -> None:
        self.plan = plan
        self.training = plan.training
        self.framework = framework
        self.measures = Measures(plan, framework.function, py.Name("Tensor"))
        self.holes: dict[str, Any] = {
            "Model": py.Name(plan.model_name),
            "inputs": [py.Name(plan.field_names[f.name]) for f in plan.inputs],
        }

    def text(self) -> str:
        """The whole file."""
        plan, training = self.plan, self.training
        functions: list[py.Statement] = self.optimizer_class()
        functions += [*self.measures.functions(), self.train()]
        if plan.has_validation or plan.has_test:
            functions.append(self.evaluate())
        if training.schedule is not None:
            functions.append(schedule_function(training.schedule))
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
            test=[indented(self.test(), 4)] if plan.has_test else [],
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
        has_schedule = self.training.schedule is not None
        row = quote("[total.item() / size]")
        if plan.has_validation:
            row = quote(
                "[total.item() / size, *evaluate(model, validation, args.batch)]"
            )
        return function(
            TRAIN,
            without=() if plan.has_validation else ("validation",),
            **self.holes,
            fields=self.measures.fields(1),
            outputs=self.measures.outputs(1),
            loss=self.measures.assign(1),
            schedule_start=list(code(SCHEDULE_START) if has_schedule else ()),
            schedule_step=list(code(SCHEDULE_STEP) if has_schedule else ()),
            columns=options.history_columns(plan),
            row=row,
            report=[options.report_epoch(plan)],
        )

    def evaluate(self) -> py.Function:
        """The function that measures a part."""
        names = [py.Name(name) for name in self.measures.names]
        return function(
            EVALUATE,
            says=f"Mean {options.listed(self.plan.measure_names)} over a part.",
            **self.holes,
            count=len(names),
            fields=self.measures.fields(),
            outputs=self.measures.outputs(),
            measures=self.measures.assign(),
            names=py.List(tuple(names)),
            first=py.Name(next(iter(self.plan.field_names.values()))),
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
        return [optimizers.optimizer_class(given, name, self.plan.words)]

    def call(self) -> tuple[py.Statement, ...]:
        """The call of `train`."""
        parts = [py.Name(part) for part in self.plan.parts if part != "test"]
        return code("train(model, optimizer, {parts}, args)", parts=parts)

    def test(self) -> tuple[py.Statement, ...]:
        """What comes after the weights are written."""
        return (
            *code("row = evaluate(model, test, args.batch)"),
            options.report_test(self.plan),
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


def convolves(module: Module) -> bool:
    """Whether a convolution is anywhere in a module."""
    parts = [instance.module for instance in module.instances]
    for operation in module.inference.operations:
        if isinstance(operation, Call):
            parts.append(operation.module)
        elif operation.primitive.startswith("conv"):
            return True
    return any(map(convolves, parts))
