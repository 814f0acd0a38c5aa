"""What came of comparing targets: figures and verdicts."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from dlmc.verification.explanation import Explanation


class Verdict(Enum):
    """What a difference means."""

    AGREES = "agrees"
    DIFFERS = "differs"
    SHOWN = "not judged"
    """Nobody can say: each target draws numbers of its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One quantity of one target, compared with the interpreter's.

    `difference` is the largest, relative to the yardstick of the quantity (see
    docs/verify.md); `where` says of what and when.
    """

    quantity: str
    difference: float
    where: str
    tolerance: float | None

    @property
    def verdict(self) -> Verdict:
        """Whether the difference is within the tolerance; NaN is not."""
        if self.tolerance is None:
            return Verdict.SHOWN
        is_within = self.difference <= self.tolerance
        return Verdict.AGREES if is_within else Verdict.DIFFERS


@dataclass(frozen=True, slots=True)
class TargetReport:
    """One target in one case.

    `losses` and `differences` have an item for each step: the loss, and how far it is
    from the interpreter's, relatively.
    """

    target: str
    findings: tuple[Finding, ...]
    losses: tuple[float, ...] = ()
    differences: tuple[float, ...] = ()
    failure: str | None = None
    """Why it could not go on, where it could not."""
    explanation: Explanation | None = None
    """Where the program parts, if that was asked for and it does."""

    @property
    def agrees(self) -> bool:
        """Whether it went through and differs nowhere."""
        differs = any(f.verdict is Verdict.DIFFERS for f in self.findings)
        return self.failure is None and not differs


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One training of a program, or the model of a program without one."""

    name: str
    is_training: bool
    batch: int
    precision: str
    """The dtype of the training's run: `f64` or `f32`."""
    losses: tuple[float, ...]
    """The interpreter's, before each step."""
    targets: tuple[TargetReport, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that was compared."""

    file: str
    cases: tuple[CaseReport, ...]
    missing: tuple[tuple[str, str], ...] = ()
    """Targets that were left out, each with the package that is not installed."""

    @property
    def agrees(self) -> bool:
        """Whether all targets agree with the interpreter."""
        return all(target.agrees for case in self.cases for target in case.targets)

    def document(self) -> dict[str, Any]:
        """The report as JSON has it; a number that is not finite is a string."""
        return {
            "file": self.file,
            "agrees": self.agrees,
            "missing": [
                {"target": target, "package": package}
                for target, package in self.missing
            ],
            "cases": [_case(case) for case in self.cases],
        }


def _case(case: CaseReport) -> dict[str, Any]:
    return {
        "name": case.name,
        "kind": "training" if case.is_training else "model",
        "batch": case.batch,
        "precision": case.precision,
        "notes": list(case.notes),
        "losses": [_number(loss) for loss in case.losses],
        "targets": [_target(target) for target in case.targets],
    }


def _target(target: TargetReport) -> dict[str, Any]:
    explained = target.explanation
    return {
        "target": target.target,
        "agrees": target.agrees,
        "failure": target.failure,
        "findings": [
            {
                "quantity": finding.quantity,
                "difference": _number(finding.difference),
                "where": finding.where,
                "tolerance": finding.tolerance,
                "verdict": finding.verdict.value,
            }
            for finding in target.findings
        ],
        "losses": [_number(loss) for loss in target.losses],
        "differences": [_number(one) for one in target.differences],
        "explanation": None if explained is None else explained.document(),
    }


def _number(value: float) -> float | str:
    return value if abs(value) < float("inf") else str(value)
