"""One wrong number or mode in the generated code is found, and its line is named.

Each row swaps one thing that the code of a target says for what another framework, or a
default, would have. `verify` must see it, and `--explain` must name the operation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from dlmc.api import examine
from dlmc.backends.python import live
from dlmc.backends.python.project_trial import LiveTraining
from dlmc.interpreter.trial import InterpreterTrial
from dlmc.verification.case import Settings
from dlmc.verification.participant import Local
from dlmc.verification.places import settings_of
from dlmc.verification.report import TargetReport
from dlmc.verification.run import cases, verify_case
from tests.parity.participants import Inside

PICTURES = """
block Stem(filters) {
  input x: f32[N, C, H, W]
  output x -> Conv(filters, 3, padding = 1) as conv -> BatchNorm as norm -> gelu
}

model Net {
  input image: f32[N, 2, 6, 6]
  x = image -> Stem(4) as stem
  x = x -> avg_pool(3, stride = 1, padding = 1)
  x = x -> GroupNorm(2) as group
  x = x -> max_pool(3, stride = 2, padding = 1)
  x = resize(x, size = 4, method = "nearest")
  x = resize(x, size = 5, method = "bilinear")
  x = x -> ConvTranspose(3, 3, stride = 2, padding = 1) as up
  x = leaky_relu(x, 0.1)
  x = x -> InstanceNorm(affine = false) as instance
  output logits = x -> flatten -> Dense(3) as dense
}

data pictures {
  source = npz("samples.npz")
  image: f32[2, 6, 6] = column("image")
  label: i64          = column("label")
}

train Net on pictures {
  loss      = cross_entropy(logits, label)
  optimizer = adam(lr = 1e-2, eps = 1e-3)
  epochs    = 5
  batch     = 6
}
"""

ROWS = """
model Net {
  input x:     f32[N, 6]
  input token: i64[N]
  h = x -> Dense(6) as first -> LayerNorm as norm
  e = token -> Embedding(5, 6) as table
  half = reshape(cast((token - 3) // 2, f32), [N, 1])
  h = concat(elu(h), e, silu(h), softplus(h), half, axis = 1)
  spread = std(h, axis = 1)
  p = softmax(h -> Dense(4) as second)
  q = h -> RMSNorm as rms -> tanh -> Dense(4) as third
  output y = p * q + reshape(spread, [N, 1]) + clip(q, -0.5, 0.5)
}

data rows {
  source = npz("samples.npz")
  x:      f32[6] = column("x")
  token:  i64    = column("token")
  target: f32[4] = column("target")
}

train Net on rows {
  loss      = huber(y, target, delta = 0.3)
  optimizer = sgd(lr = cosine(0.1, warmup = 3), momentum = 0.9, l2 = 1e-2)
  epochs    = 5
  batch     = 8
}
"""

PROGRAMS = {"pictures": PICTURES, "rows": ROWS}


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of the code, and what is said of it: the text at the place named."""

    program: str
    before: str
    """What is changed, as a regular expression; groups stay."""
    after: str
    place: str


TORCH = {
    "BatchNorm eps": Mutation(
        "pictures", r"(BatchNorm2d\(.*eps=)1e-5", r"\g<1>1e-3", "BatchNorm"
    ),
    "BatchNorm momentum": Mutation(
        "pictures", r"momentum=0\.1", "momentum=0.01", "BatchNorm"
    ),
    "Conv padding": Mutation(
        "pictures",
        r"(Conv2d\(.*)padding=1",
        r'\1padding=1, padding_mode="replicate"',
        "Conv(",
    ),
    "Conv size": Mutation(
        "pictures", r"(Conv2d\(.*)padding=1", r"\1padding=2", "Conv("
    ),
    "GELU": Mutation(
        "pictures", r"F\.gelu\((.*)\)$", r'F.gelu(\1, approximate="tanh")', "gelu"
    ),
    "pool counts padding": Mutation(
        "pictures", r", count_include_pad=False", "", "avg_pool"
    ),
    "pool stride": Mutation(
        "pictures", r"(max_pool2d\(.*)stride=2", r"\1stride=3", "max_pool"
    ),
    "GroupNorm groups": Mutation(
        "pictures", r"GroupNorm\(2,", "GroupNorm(1,", "GroupNorm"
    ),
    "GroupNorm eps": Mutation(
        "pictures", r"(GroupNorm\(.*eps=)1e-5", r"\g<1>1e-3", "GroupNorm"
    ),
    "nearest neighbours": Mutation("pictures", r"nearest-exact", "nearest", "nearest"),
    "corners": Mutation(
        "pictures", r"align_corners=False", "align_corners=True", "bilinear"
    ),
    "transposed padding": Mutation(
        "pictures", r"(ConvTranspose2d\(.*)padding=1", r"\1padding=0", "ConvTranspose"
    ),
    "LeakyReLU slope": Mutation(
        "pictures", r"(leaky_relu\(.*), 0\.1\)", r"\1, 0.01)", "leaky_relu"
    ),
    "InstanceNorm eps": Mutation(
        "pictures", r"(InstanceNorm2d\(.*eps=)1e-5", r"\g<1>1e-3", "InstanceNorm"
    ),
    "cross-entropy of probabilities": Mutation(
        "pictures",
        r"cross_entropy\((\w+),",
        r"cross_entropy(\1.softmax(1),",
        "cross_entropy",
    ),
    "label smoothing": Mutation(
        "pictures",
        r"(cross_entropy\(.*)\)$",
        r"\1, label_smoothing=0.1)",
        "cross_entropy",
    ),
    "summed loss": Mutation(
        "pictures", r"(cross_entropy\(.*)\)$", r'\1, reduction="sum")', "cross_entropy"
    ),
    "Adam eps": Mutation("pictures", r"eps=1e-3", "eps=1e-8", "adam("),
    "Adam betas": Mutation("pictures", r"0\.999", "0.99", "adam("),
    "LayerNorm eps": Mutation(
        "rows", r"(LayerNorm\(.*eps=)1e-5", r"\g<1>1e-3", "LayerNorm"
    ),
    "RMSNorm eps": Mutation("rows", r"(RMSNorm\(.*eps=)1e-6", r"\g<1>1e-3", "RMSNorm"),
    "ELU alpha": Mutation("rows", r"F\.elu\((\w+)\)", r"F.elu(\1, 1.1)", "elu"),
    "SiLU": Mutation("rows", r"F\.silu\(", "F.hardswish(", "silu"),
    "softplus threshold": Mutation(
        "rows", r"F\.softplus\((\w+)\)", r"F.softplus(\1, threshold=1)", "softplus"
    ),
    "floor division": Mutation(
        "rows", r"(\(\w+ - 3\)|\b\w+) // 2", r'\1.div(2, rounding_mode="trunc")', "//"
    ),
    "std correction": Mutation("rows", r", correction=0", "", "std("),
    "softmax axis": Mutation("rows", r"softmax\(dim=-1\)", "softmax(dim=0)", "softmax"),
    "clip edge": Mutation("rows", r"clamp\(-0\.5", "clamp(-0.4", "clip"),
    "Huber delta": Mutation("rows", r", delta=0\.3", "", "huber"),
    "Nesterov momentum": Mutation(
        "rows", r"momentum=0\.9", "momentum=0.9, nesterov=True", "sgd("
    ),
    "l2": Mutation("rows", r"weight_decay=0\.01", "weight_decay=0.02", "sgd("),
    "warmup": Mutation("rows", r"\(step \+ 1\) / 3", "(step + 1) / 4", "sgd("),
}

TENSORFLOW = {
    "kernel layout": Mutation(
        "rows",
        r"return np\.moveaxis\(value, \(0, 1\), \(-1, -2\)\)",
        "return value.reshape(variable.shape)",
        "Dense(6)",
    ),
    "BatchNorm decay": Mutation(
        "pictures",
        r"decay \* self\.running_var",
        "0.99 * self.running_var",
        "BatchNorm",
    ),
    "padding of a maximum": Mutation(
        "pictures",
        r'constant_values=-float\("inf"\)',
        "constant_values=0.0",
        "max_pool",
    ),
    "transposed crop": Mutation(
        "pictures", r"\[:, 1:-1, 1:-1\]", "[:, 2:, 2:]", "ConvTranspose"
    ),
    "place of Adam's eps": Mutation(
        "pictures", r"ops\.sqrt\((.*)\) \+ (1e-3|0\.001)", r"ops.sqrt(\1 + \2)", "adam("
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs and their data."""
    path = tmp_path_factory.mktemp("programs")
    rng = np.random.default_rng(0)
    np.savez(
        path / "samples.npz",
        image=rng.normal(size=(20, 2, 6, 6)).astype(np.float32),
        label=rng.integers(0, 3, 20),
        x=rng.normal(size=(20, 6)).astype(np.float32),
        token=rng.integers(0, 5, 20),
        target=rng.normal(size=(20, 4)).astype(np.float32),
    )
    for name, text in PROGRAMS.items():
        (path / f"{name}.dlm").write_text(text.lstrip(), "utf-8")
    return path


def verified(path: Path, target: str) -> TargetReport:
    """What is said of a target, with an explanation."""
    found = examine(path)
    assert found.program is not None
    assert found.file is not None
    (part,) = cases(found.program, None)
    report = verify_case(
        part,
        Local("interpreter", InterpreterTrial),
        [Inside(target)],
        Settings(steps=3),
        settings_of(found.file),
    )
    (one,) = report.targets
    return one


@pytest.mark.parametrize("target", ["torch", "tensorflow"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_without_a_mutation_all_agree(program: str, target: str, folder: Path) -> None:
    """So that what is found below is the mutation."""
    found = verified(folder / f"{program}.dlm", target)
    assert found.agrees, found


@pytest.mark.parametrize("mutation", TORCH.values(), ids=TORCH.keys())
def test_torch(
    mutation: Mutation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of PyTorch's code."""
    check(mutation, "torch", folder, monkeypatch)


@pytest.mark.parametrize("mutation", TENSORFLOW.values(), ids=TENSORFLOW.keys())
def test_tensorflow(
    mutation: Mutation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of Keras's code."""
    check(mutation, "tensorflow", folder, monkeypatch)


def check(
    mutation: Mutation, target: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = mutated(mutation, target, monkeypatch)
    found = verified(folder / f"{mutation.program}.dlm", target)
    assert sum(changes), "the mutation changes nothing"
    assert not found.agrees
    assert found.explanation is not None
    span = found.explanation.span
    assert span is not None, found.explanation
    assert mutation.place in span.text, (found.explanation.message, span.text)


def mutated(
    mutation: Mutation, target: str, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Change all code of a target before it runs; counts the changes in each file."""
    changes: list[int] = []

    def changed(source: str) -> str:
        text, count = re.subn(
            mutation.before, mutation.after, source, flags=re.MULTILINE
        )
        changes.append(count)
        return text

    def executed(source: str, *rest: Any, **options: Any) -> ModuleType:
        return live.executed(changed(source), *rest, **options)

    def function(training: LiveTraining, text: str) -> Callable[..., Any]:
        return of_training(training, changed(text))

    of_training = LiveTraining.function
    monkeypatch.setattr(LiveTraining, "function", function)
    for name in (f"dlmc.backends.{target}.trial", "dlmc.backends.python.project_trial"):
        monkeypatch.setattr(f"{name}.executed", executed)
    return changes
