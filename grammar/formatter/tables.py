"""Columns: what stands below each other in rows that follow each other."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from dlmc.grammar.document import Document, flat
from dlmc.grammar.formatter.parts import WIDTH
from dlmc.grammar.formatter.rows import (
    Assignment,
    Cells,
    Content,
    Family,
    Plain,
    Row,
)

FARTHEST = 24
"""Most blanks that a column may cost a row; beyond, its rows are not aligned."""

Item = TypeVar("Item")


def aligned(rows: Sequence[Row]) -> list[Content]:
    """The contents of rows, the tables among them as what their rows say."""
    contents: list[Content] = []
    for table in _tables(rows):
        cells = [row.content for row in table if isinstance(row.content, Cells)]
        contents += _aligned(cells) if cells else [row.content for row in table]
    return contents


def _tables(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one family that no empty line parts; each other row by itself."""
    tables: list[list[Row]] = []
    family: Family | None = None
    for row in rows:
        previous = family
        family = row.content.family if isinstance(row.content, Cells) else None
        if family and family is previous and not row.starts_after_blank:
            tables[-1].append(row)
        else:
            tables.append([row])
    return tables


def _aligned(table: Sequence[Cells]) -> list[Content]:
    """Rows of a table: the names in a column, then the types, then the values."""
    typed = [cells for cells in table if cells.type is not None]
    untyped = [cells for cells in table if cells.type is None]
    valued = [cells for cells in typed if cells.value is not None]
    after_keyword = _padding(table, lambda cells: len(cells.keyword))
    after_name = _padding(typed, _name_width) | _padding(untyped, _name_width)
    after_type = _padding(valued, _type_width)
    return [
        _row(cells, after_keyword[key], after_name[key], after_type.get(key, 0))
        for key, cells in ((id(cells), cells) for cells in table)
    ]


def _row(cells: Cells, after_keyword: int, after_name: int, after_type: int) -> Content:
    head: list[Document] = []
    if cells.keyword:
        head.append(f"{cells.keyword} {' ' * after_keyword}")
    if cells.type is None:
        head.append(cells.name + " " * after_name)
    else:
        head += [f"{cells.name}: {' ' * after_name}", cells.type, " " * after_type]
    return Assignment(head, cells.value) if cells.value else Plain(head)


def _name_width(cells: Cells) -> int:
    return len(cells.name)


def _type_width(cells: Cells) -> int | None:
    assert cells.type is not None
    text = flat(cells.type, WIDTH)
    return None if text is None else len(text)


def _padding(
    table: Sequence[Cells], width: Callable[[Cells], int | None]
) -> dict[int, int]:
    """What `padding` says, by the identity of each row."""
    return dict(zip(map(id, table), padding(table, width), strict=True))


def padding(items: Sequence[Item], width: Callable[[Item], int | None]) -> list[int]:
    """Blanks after each item that bring what follows them into one column.

    None of the items gets any where one would need too many; one without a width, since
    it takes several lines, gets none.
    """
    widths = [width(item) for item in items]
    known = [width for width in widths if width is not None]
    widest = max(known, default=0)
    if widest - min(known, default=0) > FARTHEST:
        return [0] * len(items)
    return [0 if width is None else widest - width for width in widths]
