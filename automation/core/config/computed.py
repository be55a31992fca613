"""The columns of a unit's tab that the bot writes. A row here is all that the program needs of one; its header and
its help are a row of `Cột dữ liệu`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from automation.base.messages import text
from automation.core.model.units import CountsAs


class ComputedCode:
    """Codes of the computed columns that the program asks for by name."""

    RESULT: Final = "ket-qua"
    TODO: Final = "viec-can-lam"
    TO_CORRECT: Final = "loi-can-sua"
    JUDGED: Final = "da-xet"


class JudgedRows(Struct, frozen=True):
    """The people of one tab as they were judged."""

    people: Any
    """The lines of `Judged.people` that are theirs, a DataFrame."""
    overdue: bool = False
    """Whether the deadline has passed."""


class ComputedColumn(Struct, frozen=True):
    """One column that the bot writes."""

    code: str
    width: float
    value: Callable[[JudgedRows], Iterable[str]] | None
    """What stands beside each person, in their order; "" leaves the cell blank. None: a digest of the row, for the
    bot alone and hidden from people."""

    @property
    def hidden(self) -> bool:
        """Whether it is no result that people see."""
        return self.value is None


def overdue_result(label: str) -> str:
    """The result of somebody who should be done by now: overdue is no status, it stands beside it."""
    return text("sheet.overdue_result", label=label)


def _results(rows: JudgedRows) -> Iterable[str]:
    if not rows.overdue:
        yield from rows.people["label"].tolist()
        return
    late = {label: overdue_result(label) for label in rows.people["label"].unique()}
    for label, counts_as in zip(rows.people["label"].tolist(), rows.people["counts_as"].tolist(), strict=True):
        yield late[label] if counts_as is CountsAs.NOT_DONE else label


COMPUTED_COLUMNS: Final = (
    ComputedColumn(ComputedCode.RESULT, 26, _results),
    ComputedColumn(ComputedCode.TODO, 46, lambda rows: rows.people["sheet_todo"].tolist()),
    ComputedColumn(ComputedCode.TO_CORRECT, 64, lambda rows: rows.people["sheet_errors"].tolist()),
    ComputedColumn(ComputedCode.JUDGED, 20, None),
)

COMPUTED: Final = tuple(column.code for column in COMPUTED_COLUMNS)
HIDDEN: Final = frozenset(column.code for column in COMPUTED_COLUMNS if column.hidden)


def shown_results(rows: JudgedRows) -> dict[str, list[str]]:
    """What the cells beside each person that people see hold, in their order, by code."""
    return {column.code: list(column.value(rows)) for column in COMPUTED_COLUMNS if column.value}
