"""One config tab while it is read: its lines by header, and every problem found in it with its cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.conditions import Condition, NotUnderstood, Vocabulary, as_typed, parse_condition
from automation.core.config.meanings import all_words, read_meaning
from automation.core.config.values import are_same
from automation.core.model.problems import Place, Problem
from automation.core.model.workbook import UNCALCULATED, Cell, Row, cell_name
from automation.core.reading.cells import as_text, clean, fold, is_formula_error
from automation.core.reading.suggestions import nearest
from automation.core.reading.tables import FoundTable, body, find_table
from automation.core.text.vietnamese import quoted_list

MARKS = {fold(tabs.CONFIG_MARKS): tabs.CONFIG_MARKS}
"""What a header row of any config tab may hold besides its own names."""

SETTING = re.compile(r"\[([^\[\]]+)\]")
"""Where a text names a setting: `[Mục]`."""

Word = TypeVar("Word", bound=Enum)
Value = TypeVar("Value")


class SettingTexts(Struct, frozen=True):
    """What `[Mục]` stands for in conditions and texts."""

    names: Sequence[str]
    values: Mapping[str, str | None]
    """folded name -> value; None for a setting that cannot be used"""
    spellings: Mapping[str, Mapping[str, str]] = {}
    """folded name of a setting that holds a value of a list -> folded spelling -> value"""

    def is_set(self, name: str, value: str) -> bool:
        """Whether a setting holds that value, however either is spelled."""
        return are_same(self.values.get(fold(name)) or "", value, self.spellings.get(fold(name), {}))


class ConfigTab:
    """One config tab while it is read: its rows by header, and the problems found in it."""

    def __init__(
        self, title: str, rows: Sequence[Row], problems: list[Problem], remarks: list[Problem] | None = None
    ) -> None:
        """`remarks`: takes what a person has to mend and what keeps no configuration from being used."""
        self.title = title
        self.stands_alone = False
        """Whether columns, lists and settings cannot be read: what cannot be understood for that is no mistake."""
        self.excused: frozenset[str] = frozenset()
        """Folded names of columns that are themselves at fault: what cannot be understood because of them is not
        a mistake of its own."""
        self.column_names: frozenset[str] = frozenset()
        """Folded names of all columns, by which those at fault are told from others whose names hold theirs."""
        self._rows = rows
        self._problems = problems
        self._remarks = [] if remarks is None else remarks
        self._unusable: set[tuple[int | None, int | None]] = set()
        headers = (*tabs.HEADERS[title], *(tabs.REGISTRY_COMPUTED if title == tabs.REGISTRY else ()))
        names = {fold(header): header for header in headers}
        self._by_place: frozenset[int] = frozenset()
        """Columns whose header is lost, taken for what stands there by the order of the headers."""
        self._table = find_table(rows, names, at_least=2, besides=MARKS)
        if self._table is None:
            self.problem_at(None, None, "no_headers", headers=", ".join(tabs.HEADERS[title]))
        else:
            self._report_missing_headers(self._table)
            self._table = self._with_columns_by_place(self._table)

    @property
    def has_headers(self) -> bool:
        return self._table is not None

    @property
    def lacks_headers(self) -> bool:
        """Whether one of the headers, or all of them, are missing, and nothing tells where their columns are."""
        return self._table is None or any(header not in self._table.columns for header in tabs.HEADERS[self.title])

    def _report_missing_headers(self, table: FoundTable) -> None:
        wanted = [header for header in tabs.HEADERS[self.title] if header not in table.columns]
        for header in wanted:
            meant = nearest(header, [typed for _, typed in table.unknown])
            hint = text("config.similar_header", header=meant) if meant else ""
            self.problem_at(table.header_row, None, "header_missing", header=header, hint=hint)

    def _with_columns_by_place(self, table: FoundTable) -> FoundTable:
        """The same, with the columns of lost headers where both neighbours in the order of headers leave one place.

        The tab is refused all the same; but what else is wrong, here and in other tabs, can be told at once. What is
        wrong in such a column is not: it may be another's.
        """
        taken = {*table.columns.values(), *(column for _, column in table.repeated)}
        found = _between_neighbours(tabs.HEADERS[self.title], table.columns)
        lost = {header: column for header, column in found.items() if column not in taken}
        self._by_place = frozenset(lost.values())
        return replace(table, columns={**table.columns, **lost})

    def lines(self) -> Iterable[ConfigLine]:
        """The rows below the headers that hold anything in a column of ours; none where there are far too many."""
        if self._table is None:
            return
        if len(self._rows) > MOST_LINES and self._filled_rows(self._table) > MOST_LINES:
            self.problem_at(None, None, "too_many_lines", count=self._filled_rows(self._table), most=MOST_LINES)
            return
        wanted = [code for code in tabs.HEADERS[self.title] if code in self._table.columns]
        for number, row in body(self._rows, self._table):
            if any(as_text(self._table.cell(row, code)) for code in wanted):
                line = ConfigLine(self, number, row, self._table)
                line.report_unusable_cells(wanted)
                yield line

    def mentions(self, settings: Iterable[str]) -> bool:
        """Whether a cell below the headers names one of the settings, as `[Mục]`."""
        marks = [f"[{fold(name)}]" for name in settings]
        typed = (fold(cell) for row in self._rows for cell in row if isinstance(cell, str) and "[" in cell)
        return any(mark in cell for cell in typed for mark in marks)

    def _filled_rows(self, table: FoundTable) -> int:
        return sum(any(cell is not None for cell in row) for _, row in body(self._rows, table))

    def set_aside(self, row: int, column: int) -> None:
        """Read a cell as blank from now on, and hear no more of what is wrong with it."""
        self._unusable.add((row, column))

    def is_set_aside(self, row: int, column: int | None) -> bool:
        """Whether it was."""
        return (row, column) in self._unusable

    def problem_at(self, row: int | None, column: int | None, key: str, /, **values: object) -> None:
        """Note a problem of a cell, of a row or of the whole tab: `key` is a pair `what`, `fix` of
        `templates/messages/config.toml`.
        """
        if (row, column) in self._unusable or column in self._by_place:
            return
        self._problems.append(self._problem(Place(self.title, row, column), key, values))

    def remark_at(self, row: int, column: int, key: str, /, **values: object) -> None:
        """Point out a cell, part of which is not used; the same as a problem otherwise."""
        self._remarks.append(self._problem(Place(self.title, row, column), key, values))

    def _problem(self, place: Place, key: str, values: Mapping[str, object]) -> Problem:
        what, fix = text(f"config.{key}.what", **values), text(f"config.{key}.fix", **values)
        return Problem(_where(place), what, fix, place=place)


def _between_neighbours(order: Sequence[str], columns: Mapping[str, int]) -> Mapping[str, int]:
    """The column of each header that is not there, where the headers beside it leave exactly one."""
    found: dict[str, int] = {}
    for place, header in enumerate(order):
        before = columns.get(order[place - 1]) if place else None
        after = columns.get(order[place + 1]) if place + 1 < len(order) else None
        if place == 0:
            before = after - 2 if after else None
        if place + 1 == len(order):
            after = before + 2 if before else None
        if header not in columns and before is not None and after == before + 2:
            found[header] = before + 1
    return {header: column for header, column in found.items() if column > 0}


def _where(place: Place) -> str:
    if place.row is None:
        return text("config.tab", tab=place.tab, cell="")
    if place.column is None:
        return text("config.line", tab=place.tab, cell=place.row)
    return text("config.cell", tab=place.tab, cell=cell_name(place.row, place.column))


class ConfigLine(Struct, frozen=True):
    """One row of a config tab; reads its cells and notes what is wrong with them."""

    tab: ConfigTab
    number: int
    row: Row
    table: FoundTable

    def raw(self, header: str) -> Cell:
        """The cell as it stands; None for one that is set aside."""
        return None if self.is_unusable(header) else self.table.cell(self.row, header)

    def is_unusable(self, header: str) -> bool:
        """Whether the cell was found to hold what no cell of a config tab may hold."""
        return self.tab.is_set_aside(self.number, self.table.columns.get(header))

    def report_unusable_cells(self, headers: Iterable[str]) -> None:
        """Note the cells with broken formulas and endless texts; what they break in turn is not reported."""
        for header in headers:
            cell = self.table.cell(self.row, header)
            reason = None if (self.tab.title, header) in FOR_PEOPLE_ONLY else _unusable(cell)
            if reason is not None:
                self.problem(header, reason, value=shortened(as_text(cell)), most=LONGEST_TEXT)
                self.tab.set_aside(self.number, self.table.columns[header])

    def text(self, header: str) -> str:
        """The cell as a person reads it."""
        return as_text(self.raw(header))

    def needed(self, header: str) -> str:
        """The text, which must not be blank."""
        typed = self.text(header)
        if not typed:
            self.problem(header, "blank", header=header)
        return typed

    def once(self, header: str, value: str, seen: dict[str, int], key: str = "repeated") -> None:
        """Note a value that stands on an earlier line already; `seen`: folded value -> line."""
        first = seen.setdefault(fold(value), self.number) if value else self.number
        if first != self.number:
            self.problem(header, key, value=shortened(value), first=str(first))

    def pieces(self, header: str) -> tuple[str, ...]:
        """The parts of a text between "|"."""
        return tuple(piece for each in self.text(header).split("|") if (piece := clean(each)))

    def word(self, header: str, words: type[Word], default: Word | None = None) -> Word | None:
        """The enumeration member whose value is written there."""
        typed = self.text(header)
        if not typed and default is not None:
            return default
        for each in words:
            if fold(str(each.value)) == fold(typed):
                return each
        self.unknown_word(header, typed, [str(each.value) for each in words])
        return None

    def meaning(self, header: str) -> str:
        """What a value of a list means to the program; "" where the cell is blank or cannot be understood."""
        typed = self.text(header)
        word = read_meaning(typed)
        if typed and word is None:
            self.unknown_word(header, typed, all_words())
        return word or ""

    def yes(self, header: str, default: bool) -> bool:
        """Có or Không."""
        typed = fold(self.text(header))
        if not typed:
            return default
        if typed in YES or typed in NO:
            return typed in YES
        self.unknown_word(header, self.text(header), ["Có", "Không"])
        return default

    def unknown_word(self, header: str, typed: str, allowed: Sequence[str]) -> None:
        """Note that the cell holds none of the words that it may hold."""
        if not typed:
            self.problem(header, "blank_word", header=header, allowed=listing(allowed))
            return
        meant = nearest(typed, allowed)
        hint = text("config.did_you_mean", word=meant) if meant else ""
        self.problem(header, "unknown_word", value=shortened(typed), allowed=listing(allowed), hint=hint)

    def condition(
        self, header: str, vocabulary: Vocabulary, settings: SettingTexts, part: str | None = None
    ) -> Condition | None:
        """The condition written there, or in a part of it, with `[Mục]` replaced by the setting's value."""
        typed = self.with_settings(header, settings, part)
        if typed is None:
            return None
        condition = parse_condition(typed, vocabulary)
        if isinstance(condition, NotUnderstood):
            blank = self._part_with_blank_setting(header, settings, part)
            if blank and not self.speaks_of_excused_columns():
                self.problem(header, "condition.blank_setting", name=blank[0], part=shortened(blank[1]))
            else:
                self._term_not_understood(header, typed, vocabulary)
            return None
        return condition

    def _term_not_understood(self, header: str, typed: str, vocabulary: Vocabulary) -> None:
        """Note the first term that is a mistake of its own."""
        for term in typed.split(";"):
            found = parse_condition(term, vocabulary)
            if isinstance(found, NotUnderstood) and not self._names_excused_columns(term):
                self._note_not_understood(header, found)
                return

    def _part_with_blank_setting(self, header: str, settings: SettingTexts, part: str | None) -> tuple[str, str] | None:
        """The first setting named in a condition that is blank, and the term that names it."""
        terms = map(clean, (self.text(header) if part is None else part).split(";"))
        named = ((name, term) for term in terms for name in SETTING.findall(term))
        return next(((name, term) for name, term in named if settings.values.get(fold(name)) == ""), None)

    def not_understood(self, header: str, found: NotUnderstood) -> None:
        """Note what of the cell cannot be understood, unless a column that is itself at fault is the cause."""
        if not self.speaks_of_excused_columns():
            self._note_not_understood(header, found)

    def _note_not_understood(self, header: str, found: NotUnderstood) -> None:
        hint = text("config.did_you_mean", word=found.suggestion) if found.suggestion else ""
        self.problem(
            header,
            f"condition.{found.reason}",
            part=shortened(as_typed(found.part, self.text(header))),
            allowed=listing(found.allowed),
            hint=hint,
        )

    def with_settings(self, header: str, settings: SettingTexts, part: str | None = None) -> str | None:
        """The text, or a part of it, with every `[Mục]` replaced; None where there is no such setting (a
        problem), or where the setting or the cell itself cannot be used (which has been reported).
        """
        if self.is_unusable(header):
            return None
        typed = self.text(header) if part is None else part
        for name in SETTING.findall(typed):
            if fold(name) not in settings.values and self.tab.stands_alone:
                return None
            if fold(name) not in settings.values:
                meant = nearest(name, settings.names)
                hint = text("config.did_you_mean", word=f"[{meant}]") if meant else ""
                self.problem(header, "unknown_setting", name=shortened(name), hint=hint)
                return None
            value = settings.values[fold(name)]
            if value is None:
                return None
            typed = typed.replace(f"[{name}]", value)
            if len(typed) > LONGEST_TEXT:
                self.problem(header, "too_long", value=shortened(self.text(header)), most=LONGEST_TEXT)
                return None
        return typed

    def filled_in(
        self, header: str, settings: SettingTexts, placeholders: Sequence[str], part: str | None = None
    ) -> str | None:
        """A text for people: as `with_settings`; between braces stand placeholders and nothing else."""
        for name in re.findall(r"\{([^{}]*)\}", self.text(header) if part is None else part):
            if name not in placeholders:
                meant = nearest(name, placeholders)
                hint = text("config.did_you_mean", word=f"{{{meant}}}") if meant else ""
                allowed = listing([f"{{{each}}}" for each in placeholders])
                self.problem(header, "placeholder", value=shortened(name), allowed=allowed, hint=hint)
        return self.with_settings(header, settings, part)

    def speaks_of_excused_columns(self) -> bool:
        """Whether the line depends on a column that is at fault."""
        return self._names_excused_columns(" ; ".join(self.text(header) for header in ("Cột", "Tham số", "Khi")))

    def _names_excused_columns(self, typed: str) -> bool:
        if self.tab.stands_alone:
            return True
        if not self.tab.excused:
            return False
        names = sorted(self.tab.excused | self.tab.column_names, key=len, reverse=True)
        named = re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", fold(typed))
        return not self.tab.excused.isdisjoint(named)

    def readable(self, header: str, read: Callable[[str], Value]) -> Value:
        """What `read` makes of the text. Where that is a sentence about what it does not understand, it is noted,
        unless the cell is blank.
        """
        answer = read(self.text(header))
        if isinstance(answer, str) and self.text(header):
            self.problem(header, "rung", header=header, sentence=answer)
        return answer

    def problem(self, header: str, key: str, /, **values: object) -> None:
        """Note a problem of one cell; where its column is missing, that is the problem, told at the headers."""
        column = self.table.columns.get(header)
        if column is not None:
            self.tab.problem_at(self.number, column, key, **values)

    def remark(self, header: str, key: str, /, **values: object) -> None:
        """Point out one cell, part of which is not used."""
        column = self.table.columns.get(header)
        if column is not None:
            self.tab.remark_at(self.number, column, key, **values)


MOST_LINES = 5_000
"""Of a config tab: a city has some hundred units and rules, and each line is compared with others."""
LONGEST_TEXT = 2_000
"""Characters a cell of a config tab may hold: a page of text, and far below what breaks a spreadsheet cell."""
FOR_PEOPLE_ONLY = frozenset({(tabs.SETTINGS, "Giải thích")})
"""Columns that nothing is read from."""


def _unusable(cell: Cell) -> str | None:
    """Key of the sentence about a cell that cannot be read at all."""
    if cell == UNCALCULATED:
        return "uncalculated"
    if is_formula_error(cell):
        return "formula_error"
    return "too_long" if len(as_text(cell)) > LONGEST_TEXT else None


YES = frozenset({"có", "x", "true", "1", "đúng"})
NO = frozenset({"không", "false", "0", "sai"})


def shortened(typed: str) -> str:
    """What somebody typed, as far as a sentence about it has room."""
    return typed if len(typed) <= 60 else f"{typed[:57]}..."


def listing(words: Sequence[str], most: int = 12) -> str:
    """The words that are allowed, the first ones of many."""
    shown = quoted_list(words[:most])
    return shown if len(words) <= most else f"{shown}, ..."
