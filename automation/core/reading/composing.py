"""Values that stand in several columns, put together row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text, fold
from automation.core.reading.tables import Composed, How, Source

_NO_MARK = frozenset(["", "0", "-", "–", "—", "không", "ko", "k", "kg", "chưa", "false", "no", "n"])
"""What stands in a column that is not meant."""
_BETWEEN_MARKS = "; "
_BETWEEN_PARTS = "/"


def put_together(rows: Sequence[Row], composed: Composed) -> list[Cell]:
    """The value of each row. Where several columns are marked that exclude each other, all their names: no list has
    such a value, so the row is asked about.
    """
    cells = [
        [row[source.column - 1] if source.column <= len(row) else None for row in rows] for source in composed.sources
    ]
    make = _MAKERS[composed.how]
    return [make(row, composed.sources) for row in zip(*cells, strict=True)]


def _joined(cells: Iterable[Cell], _sources: Sequence[Source]) -> Cell:
    return " ".join(filter(None, map(as_text, cells))) or None


def _first(cells: Iterable[Cell], _sources: Sequence[Source]) -> Cell:
    return next((cell for cell in cells if _is_mark(cell)), None)


def _marked(cells: Iterable[Cell], sources: Sequence[Source]) -> Cell:
    marked = (source.label for cell, source in zip(cells, sources, strict=True) if _is_mark(cell))
    return _BETWEEN_MARKS.join(marked) or None


def _dated(cells: Iterable[Cell], _sources: Sequence[Source]) -> Cell:
    """As somebody types it into one cell; what is left out is left out there, too."""
    return _BETWEEN_PARTS.join(as_text(cell) for cell in cells if _is_mark(cell)) or None


def _is_mark(cell: Cell) -> bool:
    return cell is not None and cell is not False and fold(as_text(cell)) not in _NO_MARK


_MAKERS: Mapping[How, Callable[[Iterable[Cell], Sequence[Source]], Cell]] = {
    How.JOINED: _joined,
    How.FIRST: _first,
    How.MARKED: _marked,
    How.DATED: _dated,
}
