"""`train.py` in PyTorch."""

from collections.abc import Sequence

from dlmc.backends.python import options, printer
from dlmc.backends.python import tree as py
from dlmc.backends.python.framework import Framework
from dlmc.backends.python.measures import Measures, outputs_target, targets
from dlmc.backends.python.plan import Plan
from dlmc.backends.python.quotation import Quote
from dlmc.backends.python.schedule import schedule_function
from dlmc.backends.python.script import code, printed, render, script
from dlmc.backends.torch.optimizers import optimizer

quote = Quote()

IMPORTS = {
    "argparse": py.Import("argparse"),
    "csv": py.Import("csv"),
    "math": py.Import("math"),
    "sys": py.Import("sys"),
    "Callable": py.Import("collections.abc", "Callable"),
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
    {parameters}
    args: argparse.Namespace,
) -> None:
    """Train for some epochs, each a line of history.csv."""
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
            with progress(f"epoch {{epoch + 1}}", len(batches)) as bar:
                for index in batches:
                    {fields} = (field[index] for field in training)
                    {outputs} = model({inputs})
                    {loss}
                    optimizer.zero_grad()
                    loss.backward()
                    {schedule_step}
                    optimizer.step()
                    total += loss.detach() * len(index)
                    # Only a step after which the bar is drawn waits for the device.
                    if bar.update():
                        bar.set_postfix_str(f"loss {{loss.item():.4f}}", refresh=False)
            {row}
            history.writerow([epoch + 1, *row])
            {report}
'''
