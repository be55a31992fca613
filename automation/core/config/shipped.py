"""The shipped tables, and what each version of them brought.

Workbooks carry the version of their tables (a setting that `init` writes). What came after it is taken from here;
what is older and missing was deleted on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from automation.core.config.values import FIRST_VERSION, KNOWN_FIELDS, FieldType
from automation.core.model.workbook import ConfigTables


class Addition(Struct, frozen=True):
    """What a version of the tables brought: a tab; with `header` a column of it, with `row` a row, with both a cell."""

    since: int
    tab: str
    header: str = ""
    row: tuple[str, ...] = ()
    """The cells that name the row."""
    switched_off: bool = False
    """A field whose names are taken in the workbook: it goes in with `Dùng` = Không."""

    @property
    def is_whole_tab(self) -> bool:
        """Whether it is a tab as such."""
        return not self.header and not self.row


class ShippedTables(Struct, frozen=True):
    """The default of every config tab, headers first, and the history of its parts."""

    tables: ConfigTables = field(default_factory=dict)
    additions: tuple[Addition, ...] = ()
    """What came after the first version, in the order of the versions."""
    known_fields: Mapping[str, FieldType] = field(default_factory=lambda: KNOWN_FIELDS)
    """The fields that the program works with."""

    @property
    def version(self) -> int:
        """The version of these tables."""
        return max((each.since for each in self.additions), default=FIRST_VERSION)

    def version_of_tab(self, title: str) -> int:
        """The version that brought a tab."""
        whole = (each.since for each in self.additions if each.tab == title and each.is_whole_tab)
        return next(whole, FIRST_VERSION)
