"""What all tests share."""

import pytest
from hypothesis import settings

# The same cases in every run, however long one takes: a failure is the change's.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden` and `--cases`."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected outputs anew, to review as a diff",
    )
    parser.addoption(
        "--cases",
        type=int,
        default=2,
        help="how many random uses of each definition are tried on each target",
    )
