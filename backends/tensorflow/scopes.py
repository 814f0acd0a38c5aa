"""Names of layers that TensorFlow takes for its scopes."""

import re
from collections.abc import Iterable, Mapping

_TAKEN = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.]*")


def keras_names(names: Iterable[str]) -> Mapping[str, str]:
    """For the names that TensorFlow does not take, others that it does."""
    every = sorted(set(names))
    good = {name for name in every if _TAKEN.fullmatch(name)}
    found: dict[str, str] = {}
    for name in every:
        if name in good:
            continue
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", name).lstrip("_") or "layer"
        other, count = plain, 1
        while other in good:
            count += 1
            other = f"{plain}_{count}"
        good.add(other)
        found[name] = other
    return found
