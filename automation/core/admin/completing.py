"""Workbooks of an earlier version stay readable: what their tabs lack is taken from the shipped tables.

The workbook is as it was until `init` puts the same into it for good. A part that the workbook's own rows leave no
place for (a name that is taken) is left out, and said; nothing of it may keep the whole from being read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.draft import Draft, is_empty
from automation.core.admin.lines import listing
from automation.core.admin.planned_tabs import HEADER_ROW, ROW_KEYS, lines_of, put_additions, table_in
from automation.core.admin.reader import Refused, read_config
from automation.core.admin.settings import SETTINGS
from automation.core.config import tabs
from automation.core.config.shipped import Addition, ShippedTables
from automation.core.config.values import FIRST_VERSION, Config
from automation.core.model.problems import Problem
from automation.core.model.workbook import ConfigTables
from automation.core.reading.cells import as_text, fold, read_count
from automation.core.reading.tables import body

_PARTS_NAMED = 40
"""In the sentence about a tab."""


class Reading(Struct, frozen=True):
    """What config tabs say once what they lack has been taken from the shipped ones."""

    config: Config | Refused
    tables: ConfigTables
    """The tabs with what they lacked."""
    brought: tuple[Addition, ...]
    """What can go into the workbook of what later versions brought."""
    taken: tuple[Problem, ...] = ()
    """What came out of the shipped tables, a sentence a tab."""
    left_out: tuple[Problem, ...] = ()
    """What the workbook's own rows leave no place for."""

    @property
    def notices(self) -> tuple[Problem, ...]:
        """All that is to be told; none of it keeps the workbook from being judged."""
        return (*self.taken, *self.left_out)


def version_of(tables: ConfigTables) -> int:
    """The version that the workbook says to have all of; the first one where it says nothing that can be read."""
    rows = tables.get(tabs.SETTINGS, ())
    table = table_in(tabs.SETTINGS, rows)
    if table is None:
        return FIRST_VERSION
    name = fold(SETTINGS["tables_version"].name)
    named = (row for _, row in body(rows, table) if fold(as_text(table.cell(row, "Mục"))) == name)
    version = read_count(next((table.cell(row, "Giá trị") for row in named), None))
    return max(version, FIRST_VERSION) if isinstance(version, int) else FIRST_VERSION


def read_completed(tables: ConfigTables, shipped: ShippedTables) -> Reading:
    """The configuration in the tabs, with the additions of later versions where they are missing.

    A blank cell that has its meaning from the shipped table gets it in workbooks of every version: an admin may have
    typed such a row anew.
    """
    version = version_of(tables)
    strangers = _strangers(tables, shipped, version)
    tables = {title: rows for title, rows in tables.items() if title not in strangers}
    after = (each for each in shipped.additions if each.since > version or (each.header and each.row))
    brought = tuple(part for each in after for part in _parts_of(each, tables, shipped))
    troubles: dict[Addition, Problem] = {}
    while True:
        completed = _complete(tables, shipped, brought)
        config = read_config(completed.tables, shipped.known_fields, _status_labels(shipped))
        blamed = _blamed(config, completed) if isinstance(config, Refused) else {}
        if not blamed:
            taken = tuple(_taken(completed, version, shipped.version))
            left_out = (*map(_stranger, strangers), *_left_out(troubles, brought))
            return Reading(config, completed.tables, brought, taken, left_out)
        troubles |= {replace(each, switched_off=False): problem for each, problem in blamed.items()}
        brought = tuple(lesser for each in brought if (lesser := _lesser(each) if each in blamed else each))


def _strangers(tables: ConfigTables, shipped: ShippedTables, version: int) -> tuple[str, ...]:
    """Titles of tabs that are newer than the workbook and stand in it all the same, as somebody's own."""
    newer = (each.tab for each in shipped.additions if each.is_whole_tab and each.since > version)
    return tuple(
        title
        for title in dict.fromkeys(newer)
        if not is_empty(tables.get(title, ())) and table_in(title, tables[title]) is None
    )


def _parts_of(addition: Addition, tables: ConfigTables, shipped: ShippedTables) -> Iterator[Addition]:
    """A tab that is missing comes with each of its rows, so that one that cannot be read here is left out alone."""
    yield addition
    if addition.is_whole_tab and is_empty(tables.get(addition.tab, ())):
        for line in lines_of(addition.tab, shipped.tables[addition.tab]):
            name = tuple(as_text(line[key]) for key in ROW_KEYS[addition.tab])
            yield Addition(addition.since, addition.tab, row=name)


class _Completed(Struct, frozen=True):
    tables: ConfigTables
    taken: Mapping[Addition, int]
    """What was put in, with its row."""


def _complete(tables: ConfigTables, shipped: ShippedTables, brought: Sequence[Addition]) -> _Completed:
    completed = dict(tables)
    taken: dict[Addition, int] = {}
    for title in dict.fromkeys(each.tab for each in brought):
        additions = [each for each in brought if each.tab == title]
        whole = next((each for each in additions if each.is_whole_tab), None)
        draft = Draft(tables.get(title, ()))
        if whole and is_empty(draft.rows):
            draft.put_row(HEADER_ROW, tabs.HEADERS[title])
            taken[whole] = HEADER_ROW
        put = put_additions(title, draft, lines_of(title, shipped.tables[title]), additions)
        if put or whole in taken:
            completed[title] = draft.rows
            taken |= put
    return _Completed(completed, taken)


def _blamed(refused: Refused, completed: _Completed) -> dict[Addition, Problem]:
    """The rows that were put in and cannot be read, each with its first problem."""
    rows = {(each.tab, row): each for each, row in completed.taken.items() if each.row and not each.header}
    blamed: dict[Addition, Problem] = {}
    for problem in refused.problems:
        place = problem.place
        addition = rows.get((place.tab, place.row)) if place and place.row else None
        if addition is not None:
            blamed.setdefault(addition, problem)
    return blamed


def _lesser(addition: Addition) -> Addition | None:
    """What may still go in of a row that cannot be read: a field that is not used, of anything else nothing."""
    may_rest = addition.tab == tabs.FIELDS and not addition.switched_off
    return replace(addition, switched_off=True) if may_rest else None


def _status_labels(shipped: ShippedTables) -> Mapping[str, str]:
    """Code -> label of the shipped statuses."""
    lines = lines_of(tabs.STATUSES, shipped.tables.get(tabs.STATUSES, ()))
    return {as_text(line["Mã"]): as_text(line["Trạng thái"]) for line in lines}


# --- what is said of it -----------------------------------------------------------------------------------


def _taken(completed: _Completed, version: int, current: int) -> Iterator[Problem]:
    """One sentence a tab about what came after the workbook's version."""
    new_tabs = {each.tab for each in completed.taken if each.is_whole_tab}
    later = [
        each for each in completed.taken if each.since > version and (each.is_whole_tab or each.tab not in new_tabs)
    ]
    for title in dict.fromkeys(each.tab for each in later):
        parts = listing(list(_parts(each for each in later if each.tab == title)), most=_PARTS_NAMED)
        what = text("config.earlier_version.what", version=version, current=current, parts=parts)
        where = text("config.tab", tab=title, cell="")
        yield Problem(where, what, text("config.earlier_version.fix"), needs_person=False)


def _parts(additions: Iterable[Addition]) -> Iterator[str]:
    for each in additions:
        kind = ("cell" if each.row else "column") if each.header else ("row" if each.row else "tab")
        yield text(f"config.earlier_version.{kind}", header=each.header, row=" / ".join(each.row))


def _stranger(title: str) -> Problem:
    where = text("config.tab", tab=title, cell="")
    what = text("config.earlier_version.stranger.what")
    return Problem(where, what, text("config.earlier_version.stranger.fix"), needs_person=False)


def _left_out(troubles: Mapping[Addition, Problem], brought: Sequence[Addition]) -> Iterator[Problem]:
    for each, problem in troubles.items():
        key = "switched_off" if replace(each, switched_off=True) in brought else "left_out"
        where = text("config.tab", tab=each.tab, cell="")
        what = text(f"config.earlier_version.{key}", row=" / ".join(each.row), what=problem.what)
        yield Problem(where, what, problem.fix, needs_person=False)
