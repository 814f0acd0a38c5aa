"""What a target cannot express, and why: all of it, each with the error's own words."""

from collections.abc import Iterable, Mapping

from dlmc.backend import Unsupported

MISSING: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("onnx", "does not compute Erf in f64"): ("erf", "gelu", "geglu"),
    ("onnx", "does not compute Atan in f64"): ("acos", "asin", "atan", "atan2"),
    ("tensorflow", "no pooling over three axes of f64"): ("max_pool", "avg_pool"),
}
"""By target and what the error says: the names that have a sample for which it does."""


def expect(target: str, name: str, found: Iterable[Unsupported]) -> None:
    """That errors are those that are known, each at a place in the program."""
    known = {says for (where, says), names in MISSING.items() if where == target
             and name in names}  # fmt: skip
    seen = set()
    for unsupported in found:
        assert unsupported.span is not None
        said = [says for says in known if says in unsupported.message]
        assert said, f"{name} on {target}: {unsupported.message}"
        seen.update(said)
    assert seen == known, "it is there now"
