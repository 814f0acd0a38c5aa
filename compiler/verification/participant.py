"""Who takes part: targets in processes of their own, and the interpreter in this one.

A question is put to all before the answer of the first is awaited, so that they work at
the same time.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from dlmc.grammar.span import Span
from dlmc.ir.program import Program
from dlmc.trial import DataError, Trial


class Failure(Exception):
    """A target that cannot go on: what it said, and the place in the program if any.

    `ended` says that it cannot be asked anything more.
    """

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        hint: str | None = None,
        *,
        ended: bool = False,
    ) -> None:
        super().__init__(message)
        self.ended = ended
        self.message = message
        self.span = span
        self.hint = hint


class Participant(ABC):
    """One who has trials, by name, and answers each question in its turn."""

    name: str

    @abstractmethod
    def ask(self, trial: str, method: str, *arguments: Any) -> None:
        """Put a question: a method of a trial, or `new` with a program."""

    @abstractmethod
    def answer(self) -> Any:
        """The answer to the question before; raises `Failure` or `DataError`."""

    def say(self, trial: str, method: str, *arguments: Any) -> Any:
        """A question and its answer."""
        self.ask(trial, method, *arguments)
        return self.answer()

    def close(self) -> None:  # noqa: B027 - most have nothing to do
        """Take part no longer."""


class Local(Participant):
    """One in this process; what it raises is raised."""

    def __init__(self, name: str, make: Callable[[Program], Trial]) -> None:
        self.name = name
        self.make = make
        self.trials: dict[str, Trial] = {}
        self.question: tuple[str, str, tuple[Any, ...]] | None = None

    def ask(self, trial: str, method: str, *arguments: Any) -> None:
        """Note the question."""
        self.question = trial, method, arguments

    def answer(self) -> Any:
        """Find the answer."""
        assert self.question is not None
        name, method, arguments = self.question
        if method == "new":
            self.trials[name] = self.make(*arguments)
            return None
        trial = self.trials[name]
        with trial.active():
            return getattr(trial, method)(*arguments)


class Remote(Participant):
    """A target in a process of its own."""

    def __init__(self, target: str) -> None:
        self.name = target
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dlmc.verification.worker", target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            # All work at once: threads that spin while they wait would hold up others.
            env={
                "OMP_WAIT_POLICY": "passive",
                **os.environ,
                "CUDA_VISIBLE_DEVICES": "",
            },
        )

    def ask(self, trial: str, method: str, *arguments: Any) -> None:
        """Send the question."""
        assert self.process.stdin is not None
        try:
            request = trial, method, arguments
            pickle.dump(request, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
        except BrokenPipeError:
            # It ended; `answer` says how.
            return

    def answer(self) -> Any:
        """Wait for the answer."""
        assert self.process.stdout is not None
        try:
            well, result = pickle.load(self.process.stdout)
        except (EOFError, pickle.UnpicklingError):
            raise Failure(self._end(), ended=True) from None
        if isinstance(result, DataError):
            raise result
        if not well:
            raise Failure(*result)
        return result

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                continue
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()

    def _end(self) -> str:
        """How the process ended, and the last that it wrote."""
        status = self.process.wait()
        self.errors.seek(0)
        text = self.errors.read().decode(errors="replace").strip()
        last = text.splitlines()[-1] if text else "it said nothing"
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return f"its process ended {how}: {last}"


def missing(requirements: tuple[str, ...]) -> str | None:
    """The first of a target's packages that is not installed."""
    from importlib.util import find_spec

    return next((name for name in requirements if find_spec(name) is None), None)
