"""Tables of a framework's names beside ours, from the compiler's own tables."""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from dlmc.elaborate.elsewhere import MISSING, NAMES, WRITTEN


def torch_names() -> str:
    """PyTorch's names, as people write them."""
    import torch
    from torch import nn

    rooms = {
        "nn": nn,
        "F": nn.functional,
        "nn.init": nn.init,
        "optim": torch.optim,
        "lr_scheduler": torch.optim.lr_scheduler,
        "torch": torch,
        "Tensor": torch.Tensor,
    }
    return _tables(rooms)


def keras_names() -> str:
    """Keras's names, as people write them."""
    import keras

    rooms = {
        name.rpartition("keras.")[2]: room
        for name, room in (
            ("layers", keras.layers),
            ("ops", keras.ops),
            ("losses", keras.losses),
            ("metrics", keras.metrics),
            ("optimizers", keras.optimizers),
            ("schedules", keras.optimizers.schedules),
            ("initializers", keras.initializers),
            ("random", keras.random),
            ("keras", keras),
        )
    }
    return _tables(rooms)


def _tables(rooms: Mapping[str, Any]) -> str:
    """What is called otherwise, what is written otherwise, and what is missing."""
    here: dict[str, list[str]] = {}
    for name, ours in NAMES.items():
        theirs = _full_name(name, rooms)
        if theirs is not None:
            here.setdefault(ours, []).append(theirs)
    lines = ["| here | theirs |", "|-|-|"]
    lines += [f"| `{ours}` | {_listed(names)} |" for ours, names in here.items()]
    ways: dict[str, list[str]] = {}
    for name, way in WRITTEN.items():
        theirs = _full_name(name, rooms)
        if theirs is not None and WRITTEN["np"] != way:  # of modules, not of what is in
            ways.setdefault(way, []).append(theirs)
    lines += ["", "Without a name of their own:", "", "| theirs | here |", "|-|-|"]
    lines += [f"| {_listed(names)} | {way} |" for way, names in ways.items()]
    missing = (_full_name(name, rooms) for name in sorted(MISSING))
    lines += ["", "Not there yet, which an error says (E0004):", ""]
    lines += _wrapped(f"`{name}`" for name in missing if name is not None)
    return "\n".join(lines) + "\n"


def _full_name(name: str, rooms: Mapping[str, Any]) -> str | None:
    """A name with the room that has it; none that a room only imports."""
    for room, module in rooms.items():
        found = getattr(module, name, None)
        if found is not None and not isinstance(found, ModuleType):
            return f"{room}.{name}"
    return None


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _wrapped(words: Iterable[str], width: int = 90) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
