"""Targets that take part in a verification inside of this process.

Starting a framework costs seconds, which tests spend once.
"""

from typing import Any

from dlmc.backend import backend
from dlmc.trial import DataError
from dlmc.verification.participant import Failure, Local


class Inside(Local):
    """A target in this process, whose errors are its failures."""

    def __init__(self, target: str) -> None:
        super().__init__(target, backend(target).trial)

    def answer(self) -> Any:
        """The answer, or what the framework raised."""
        try:
            return super().answer()
        except DataError:
            raise
        except Exception as error:
            raise Failure(f"{type(error).__name__}: {error}") from error
