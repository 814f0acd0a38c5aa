"""Summaries as JSON, with every figure exact."""

from typing import Any

from dlmc.ir.dimensions import Size
from dlmc.ir.printer import value_text
from dlmc.ir.traced import plain
from dlmc.summary.model import ModelSummary, TrainingSummary
from dlmc.summary.rows import Row


def document(file: str, summaries: tuple[ModelSummary, ...]) -> dict[str, Any]:
    """Plain data. A size is a number, or a text where it is open: `64*N + 3`."""
    return {"file": file, "models": [_model(summary) for summary in summaries]}


def _model(summary: ModelSummary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "arguments": {
            name: value_text(plain(value)) for name, value in summary.arguments.items()
        },
        "inputs": [{"name": name, "type": str(t)} for name, t in summary.inputs],
        **_row(summary.row),
        "weight_bytes": summary.weight_bytes,
        "trainings": [_training(training) for training in summary.trainings],
    }


def _row(row: Row) -> dict[str, Any]:
    figures = row.figures
    return {
        "name": row.name,
        "kind": row.kind if row.module is None else row.module.kind.value,
        "definition": row.name if row.module is None else row.module.definition,
        "line": None if row.span is None else row.span.line,
        "outputs": [str(type_) for type_ in row.outputs],
        "parameters": row.parameters,
        "states": row.states,
        "is_shared": row.is_reused,
        "forward_flops": _size(figures.forward),
        "step_flops": _size(figures.step),
        "activation_bytes": _size(figures.kept),
        "rows": [_row(below) for below in row.children],
    }


def _training(training: TrainingSummary) -> dict[str, Any]:
    return {
        "name": training.name,
        "data": training.data,
        "batch": training.batch,
        "optimizer": training.optimizer,
        "step_flops": _size(training.step),
        "weight_bytes": training.weights,
        "gradient_bytes": training.gradients,
        "optimizer_bytes": training.optimizer_state,
        "activation_bytes": _size(training.activations),
        "memory_bytes": _size(training.memory),
    }


def _size(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
