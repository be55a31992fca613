"""Fields that `init` switches off before the first tab is drawn: what a department may not collect, none asks for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.values import FieldType
from automation.core.model.workbook import ConfigTables, Row
from automation.core.reading.cells import as_text, fold

_CODE, _KIND, _USED = (tabs.HEADERS[tabs.FIELDS].index(header) for header in ("Mã", "Kiểu", "Dùng"))


def tables_without(codes: Sequence[str], shipped: ConfigTables) -> ConfigTables:
    """The shipped tables with those fields switched off. Raises CannotStart for a code that is no field to fill in."""
    wanted = {fold(code) for code in codes}
    rows = shipped[tabs.FIELDS]
    known = {fold(as_text(row[_CODE])): as_text(row[_CODE]) for row in rows[1:] if _is_filled_in(row)}
    if strangers := [code for code in codes if fold(code) not in known]:
        fields = ", ".join(known.values())
        raise CannotStart(text("init.without_unknown", codes=", ".join(strangers), fields=fields))
    return {**shipped, tabs.FIELDS: [_switched_off(row, wanted) for row in rows]}


def _is_filled_in(row: Row) -> bool:
    return any(fold(as_text(row[_KIND])) == fold(kind.value) for kind in FieldType if kind.is_input)


def _switched_off(row: Row, codes: Collection[str]) -> Row:
    is_meant = fold(as_text(row[_CODE])) in codes
    return [text("init.not_used") if is_meant and column == _USED else cell for column, cell in enumerate(row)]
