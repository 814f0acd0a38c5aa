"""How many samples a training has, as far as that is cheap to know."""

from dlmc.ir.program import Csv, Data, Inline

LIMIT = 1 << 20
"""A larger table is not read through, in bytes."""


def most_trained_on(data: Data) -> int | None:
    """No training on the data sees more samples than this; None where it is unknown."""
    count = _samples(data)
    if count is None or data.split is None:
        return count
    split = data.split
    if split.validation == split.test == 0:
        return count
    return int(round(split.train, 12) * count)


def counted(count: int) -> str:
    """So many samples, in words."""
    return f"{count} sample{'s' if count != 1 else ''}"


def _samples(data: Data) -> int | None:
    source = data.source
    if isinstance(source, Inline):
        return len(next(iter(source.values.values())))
    if isinstance(source, Csv):
        try:
            if source.path.stat().st_size > LIMIT:
                return None
            content = source.path.read_bytes()
        except OSError:
            return None
        # A line break in quotes makes fewer samples of as many lines.
        return len(content.rstrip(b"\r\n").splitlines()) - 1
    return None
