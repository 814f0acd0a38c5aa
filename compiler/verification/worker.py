"""A process of its own for the trials of one target.

`dlmc verify` starts `python -m dlmc.verification.worker TARGET`. Frameworks then
do not disturb each other, and one that crashes takes nothing with it. The process reads
requests from standard input and writes an answer to each to what was its standard
output. Both ends are dlmc's, so pickles are as good as any other form.
"""

import os
import pickle
import sys
import traceback
from typing import Any, BinaryIO

from dlmc.backend import Unsupported, backend
from dlmc.trial import DataError, Trial


def serve(target: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more.

    A request is a trial's name, a method's name and its arguments; the method `new` has
    the program and makes the trial. An answer is a pair: whether it went well, and the
    result or what went wrong.
    """
    trials: dict[str, Trial] = {}
    while True:
        try:
            name, method, arguments = pickle.load(requests)
        except EOFError:
            return
        answer: tuple[bool, Any]  # a `DataError`, or the arguments of a `Failure`
        try:
            if method == "new":
                trials[name] = backend(target).trial(*arguments)
                answer = True, None
            else:
                trial = trials[name]
                with trial.active():
                    answer = True, getattr(trial, method)(*arguments)
        except DataError as error:
            answer = False, error
        except Unsupported as error:
            answer = False, (error.message, error.span, error.hint)
        except Exception as error:
            # Whatever a framework raises is what this target says of the program.
            traceback.print_exc()
            answer = False, (f"{type(error).__name__}: {error}", None, None)
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def main() -> None:
    """Serve the target that the command line names."""
    answers = os.fdopen(os.dup(1), "wb")
    # What frameworks print goes where their warnings go.
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
