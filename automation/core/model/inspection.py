"""What a look at a workbook finds out besides its cells: what hinders the bot, and what `tccb init` has drawn."""

from __future__ import annotations

from msgspec import Struct

from automation.core.model.workbook import column_letter


class ClosedCells(Struct, frozen=True):
    """Cells that we may not change. Counted from 1, all included; None: down or right to the end."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    @property
    def name(self) -> str:
        """As spreadsheets write it, such as "R1:T300", "R:T" or "4:9"; "" for all of a tab."""
        if self.right is None and self.left == 1:
            return "" if self.top == 1 and self.bottom is None else f"{self.top}:{self.bottom or ''}"
        top = "" if self.top == 1 and self.bottom is None else self.top
        right = column_letter(self.right) if self.right else ""
        return f"{column_letter(self.left)}{top}:{right}{self.bottom or ''}"

    def has_cell(self, row: int, column: int) -> bool:
        """Whether that cell is among them."""
        return self.top <= row and (self.bottom is None or row <= self.bottom) and self.has_column(column)

    def has_column(self, column: int) -> bool:
        """Whether cells of that column are among them."""
        return self.left <= column and (self.right is None or column <= self.right)


class Closure(Struct, frozen=True):
    """Who may change a tab that is closed to others as a whole."""

    editors: tuple[str, ...] | None = ()
    """Mail addresses, those of groups too; None where we may not see them."""
    warns_only: bool = False
    """It asks and lets everybody through."""
    open_to_domain: bool = False
    """Everybody of the owner's organisation may change it."""
    has_gaps: bool = False
    """Some cells were taken out of it, which everybody may change."""

    @property
    def is_strict(self) -> bool:
        return not (self.warns_only or self.open_to_domain or self.has_gaps)


class TabInspection(Struct, frozen=True):
    key: str
    """`Tab.key`"""
    title: str
    reviewed_to: int | None
    """The last row of which the results turn grey once it is edited; None where none do."""
    closed: tuple[ClosedCells, ...] = ()
    closure: Closure | None = None
    """None: whoever may edit the workbook may change the tab."""


class Inspection(Struct, frozen=True):
    """The whole workbook."""

    tabs: tuple[TabInspection, ...]
    may_edit: bool | None = None
    """Whether we may change it at all; None where nothing tells without trying."""
    locale: str = ""
    time_zone: str = ""
