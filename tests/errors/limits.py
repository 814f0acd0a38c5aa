"""Checks programs in this process, with little memory and time.

Prints a line for each: its name, and the codes of what was said.
"""

import resource
import sys

import dlmc

MEMORY = 200 * 2**20
SECONDS = 5
"""Of the processor, for one program: under load a second is too little."""


def main(names: list[str]) -> None:
    """Check each file; fails where memory or time do not suffice."""
    seconds = SECONDS * len(names)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    for name in names:
        found = dlmc.check(name)
        print(name, *sorted({diagnostic.code for diagnostic in found}))


if __name__ == "__main__":
    main(sys.argv[1:])
