"""The raw rows of the config tabs become one `Config`, or all the problems that stand in the way, each with its cell.

The shipped defaults (`config/*.csv`) and the tabs of a workbook are read by the same code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from automation.core import tabs
from automation.core.cells import (
    Unreadable,
    as_text,
    clean,
    fold,
    is_formula_error,
    read_count,
    read_date,
    read_number,
)
from automation.core.conditions import (
    Condition,
    Kind,
    NotUnderstood,
    Subject,
    SubjectType,
    Vocabulary,
    as_typed,
    parse_condition,
)
from automation.core.config import (
    FREE_TYPES,
    KNOWN_FIELDS,
    Config,
    Exemption,
    Field,
    FieldCode,
    FieldType,
    HeadcountSource,
    ListValue,
    Rule,
    Rung,
    Settings,
    Status,
)
from automation.core.findings import PLACEHOLDERS
from automation.core.ladder import MAIL_TEMPLATES, read_recipients, read_rung_condition, read_rung_due
from automation.core.model import UNCALCULATED, Cell, CountsAs, Mode, Place, Problem, Row, Severity, Unit
from automation.core.nearest import nearest
from automation.core.people import PLACE_LIST, spellings_of
from automation.core.rules import CHECKS, CONTRADICTION, EXPRESSION, UNKNOWN_PLACE, parse_parameters
from automation.core.statuses import TO_CORRECT
from automation.core.tab_titles import derived_tab_title
from automation.core.tables import FoundTable, body, cell_name, find_table
from automation.texts import text

ConfigTables = Mapping[str, Sequence[Row]]
"""Tab title -> its rows."""

MARKS = {fold(tabs.CONFIG_MARKS): tabs.CONFIG_MARKS}
"""What a header row of any config tab may hold besides its own names."""

Word = TypeVar("Word", bound=Enum)


@dataclass(frozen=True)
class SettingTexts:
    """What `[Mục]` stands for in conditions and texts."""

    names: Sequence[str]
    values: Mapping[str, str | None]
    """folded name -> value; None for a setting that cannot be used"""


@dataclass(frozen=True)
class Refused:
    """The configuration cannot be used; every problem that was found."""

    problems: tuple[Problem, ...]


class _Tab:
    """One config tab while it is read: its rows by header, and the problems found in it."""

    def __init__(self, title: str, rows: Sequence[Row], problems: list[Problem]) -> None:
        self.title = title
        self.excused: frozenset[str] = frozenset()
        """Folded names of columns that are themselves at fault: what cannot be understood because of them is not
        a mistake of its own."""
        self._rows = rows
        self._problems = problems
        self._unusable: set[tuple[int | None, int | None]] = set()
        headers = (*tabs.HEADERS[title], *(tabs.REGISTRY_COMPUTED if title == tabs.REGISTRY else ()))
        names = {fold(header): header for header in headers}
        self._table = find_table(rows, names, at_least=2, besides=MARKS)
        if self._table is None:
            self.problem_at(None, None, "no_headers", headers=", ".join(tabs.HEADERS[title]))
        else:
            self._report_missing_headers(self._table)

    @property
    def has_headers(self) -> bool:
        return self._table is not None

    @property
    def lacks_headers(self) -> bool:
        """Whether one of the headers, or all of them, are missing."""
        return self._table is None or any(header not in self._table.columns for header in tabs.HEADERS[self.title])

    def _report_missing_headers(self, table: FoundTable) -> None:
        wanted = [header for header in tabs.HEADERS[self.title] if header not in table.columns]
        for header in wanted:
            meant = nearest(header, [typed for _, typed in table.unknown])
            hint = text("config.similar_header", header=meant) if meant else ""
            self.problem_at(table.header_row, None, "header_missing", header=header, hint=hint)

    def lines(self) -> Iterable[_Line]:
        """The rows below the headers that hold anything in a column of ours."""
        if self._table is None:
            return
        wanted = [code for code in tabs.HEADERS[self.title] if code in self._table.columns]
        for number, row in body(self._rows, self._table):
            if any(as_text(self._table.cell(row, code)) for code in wanted):
                line = _Line(self, number, row, self._table)
                line.report_unusable_cells(wanted)
                yield line

    def set_aside(self, row: int, column: int) -> None:
        """Read a cell as blank from now on, and hear no more of what is wrong with it."""
        self._unusable.add((row, column))

    def is_set_aside(self, row: int, column: int | None) -> bool:
        return (row, column) in self._unusable

    def problem_at(self, row: int | None, column: int | None, key: str, /, **values: object) -> None:
        """Note a problem of a cell, of a row or of the whole tab: `key` is a pair `what`, `fix` of
        `templates/messages/config.toml`.
        """
        if (row, column) in self._unusable:
            return
        place = Place(self.title, row, column)
        what, fix = text(f"config.{key}.what", **values), text(f"config.{key}.fix", **values)
        self._problems.append(Problem(_where(place), what, fix, place=place))


def _where(place: Place) -> str:
    if place.row is None:
        return text("config.tab", tab=place.tab, cell="")
    if place.column is None:
        return text("config.line", tab=place.tab, cell=place.row)
    return text("config.cell", tab=place.tab, cell=cell_name(place.row, place.column))


@dataclass(frozen=True)
class _Line:
    """One row of a config tab; reads its cells and notes what is wrong with them."""

    tab: _Tab
    number: int
    row: Row
    table: FoundTable

    def raw(self, header: str) -> Cell:
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
                self.problem(header, reason, value=_short(as_text(cell)), most=LONGEST_TEXT)
                self.tab.set_aside(self.number, self.table.columns[header])

    def text(self, header: str) -> str:
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
            self.problem(header, key, value=_short(value), first=str(first))

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

    def yes(self, header: str, default: bool) -> bool:
        """Có or Không."""
        typed = fold(self.text(header))
        if not typed:
            return default
        if typed in _YES or typed in _NO:
            return typed in _YES
        self.unknown_word(header, self.text(header), ["Có", "Không"])
        return default

    def unknown_word(self, header: str, typed: str, allowed: Sequence[str]) -> None:
        if not typed:
            self.problem(header, "blank_word", header=header, allowed=_listed(allowed))
            return
        meant = nearest(typed, allowed)
        hint = text("config.did_you_mean", word=meant) if meant else ""
        self.problem(header, "unknown_word", value=_short(typed), allowed=_listed(allowed), hint=hint)

    def condition(self, header: str, vocabulary: Vocabulary, settings: SettingTexts) -> Condition | None:
        """The condition written there, with `[Mục]` replaced by the setting's value."""
        typed = self.with_settings(header, settings)
        if typed is None:
            return None
        condition = parse_condition(typed, vocabulary)
        if isinstance(condition, NotUnderstood):
            self.not_understood(header, condition)
            return None
        return condition

    def not_understood(self, header: str, found: NotUnderstood) -> None:
        if self.speaks_of_excused_columns():
            return
        hint = text("config.did_you_mean", word=found.suggestion) if found.suggestion else ""
        self.problem(
            header,
            f"condition.{found.reason}",
            part=_short(as_typed(found.part, self.text(header))),
            allowed=_listed(found.allowed),
            hint=hint,
        )

    def with_settings(self, header: str, settings: SettingTexts) -> str | None:
        """The text with every `[Mục]` replaced; None where there is no such setting (a problem), or where the
        setting or the cell itself cannot be used (which has been reported).
        """
        if self.is_unusable(header):
            return None
        typed = self.text(header)
        for name in re.findall(r"\[([^\[\]]+)\]", typed):
            if fold(name) not in settings.values:
                meant = nearest(name, settings.names)
                hint = text("config.did_you_mean", word=f"[{meant}]") if meant else ""
                self.problem(header, "unknown_setting", name=_short(name), hint=hint)
                return None
            value = settings.values[fold(name)]
            if value is None:
                return None
            typed = typed.replace(f"[{name}]", value)
            if len(typed) > LONGEST_TEXT:
                self.problem(header, "too_long", value=_short(self.text(header)), most=LONGEST_TEXT)
                return None
        return typed

    def filled_in(self, header: str, settings: SettingTexts, placeholders: Sequence[str]) -> str | None:
        """A text for people: as `with_settings`; between braces stand placeholders and nothing else."""
        for name in re.findall(r"\{([^{}]*)\}", self.text(header)):
            if name not in placeholders:
                meant = nearest(name, placeholders)
                hint = text("config.did_you_mean", word=f"{{{meant}}}") if meant else ""
                allowed = _listed([f"{{{each}}}" for each in placeholders])
                self.problem(header, "placeholder", value=_short(name), allowed=allowed, hint=hint)
        return self.with_settings(header, settings)

    def speaks_of_excused_columns(self) -> bool:
        """Whether the line depends on a column that is at fault."""
        said = fold(" ; ".join(self.text(header) for header in ("Cột", "Tham số", "Khi")))
        return any(name in said for name in self.tab.excused)

    def readable(self, header: str, read: Callable[[str], object]) -> None:
        """Note the sentence that `read` answers with where it does not understand the text; blank is no matter."""
        answer = read(self.text(header)) if self.text(header) else None
        if isinstance(answer, str):
            self.problem(header, "rung", header=header, sentence=answer)

    def problem(self, header: str, key: str, /, **values: object) -> None:
        """Note a problem of one cell; where its column is missing, that is the problem, told at the headers."""
        column = self.table.columns.get(header)
        if column is not None:
            self.tab.problem_at(self.number, column, key, **values)


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


_YES = frozenset({"có", "x", "true", "1", "đúng"})
_NO = frozenset({"không", "false", "0", "sai"})


def _short(typed: str) -> str:
    return typed if len(typed) <= 60 else f"{typed[:57]}..."


def _listed(words: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(f"“{word}”" for word in words[:most])
    return shown if len(words) <= most else f"{shown}, ..."


# --- Cấu hình ---------------------------------------------------------------------------------------------


_FIRST_YEAR, _LAST_YEAR = 2000, 2099
"""A number typed for a date would be a day of 1908; calendars know the holidays of these years."""
_MOST = 3_650
"""Days or minutes, more than any campaign takes."""


def _setting_date(typed: Cell) -> date | None:
    day = read_date(typed)
    if day is None or isinstance(day, Unreadable):
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _setting_dates(typed: Cell) -> frozenset[date] | None:
    if not isinstance(typed, str):
        day = _setting_date(typed)
        return frozenset() if typed is None else frozenset({day}) if day else None
    days = [_setting_date(piece) for piece in re.split(r"[|;\n]", typed) if clean(piece)]
    known = frozenset(day for day in days if day)
    return known if len(known) == len(set(days)) else None


def _setting_percent(typed: Cell) -> float | None:
    number = read_number(as_text(typed).rstrip("% "))
    if number is None or isinstance(number, Unreadable):
        return None
    percent = number * 100 if isinstance(typed, float) and typed <= 1 else number
    return percent if 0 < percent <= 100 else None


def _setting_count(typed: Cell) -> int | None:
    count = read_count(typed)
    return count if isinstance(count, int) and 0 < count <= _MOST else None


def _setting_time(typed: Cell) -> time | None:
    if isinstance(typed, time):
        return typed
    if isinstance(typed, float) and 0 <= typed < 1:
        minutes = round(typed * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    found = re.fullmatch(r"(\d{1,2})[:hg](\d{2})?(?::\d{2})?", fold(as_text(typed)))
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def _setting_zone(typed: Cell) -> str | None:
    name = as_text(typed)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
    return name


_ADDRESS = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s.,;<>\"()]+")


def is_mail_address(typed: str) -> bool:
    """Whether the text can be an e-mail address."""
    return len(typed) <= 254 and _ADDRESS.fullmatch(typed) is not None


def split_addresses(typed: str) -> tuple[str, ...]:
    """The addresses in a cell, between "|", ";", "," or line breaks."""
    return tuple(piece for each in re.split(r"[|;,\n]", typed) if (piece := clean(each)))


def _setting_addresses(typed: Cell) -> tuple[str, ...] | None:
    addresses = split_addresses(str(typed)) if typed is not None else ()
    return addresses if all(is_mail_address(address) for address in addresses) else None


def _setting_address(typed: Cell) -> str | None:
    address = as_text(typed)
    return address if is_mail_address(address) else None


def _setting_text(typed: Cell) -> str | None:
    return as_text(typed)


def _setting_needed_text(typed: Cell) -> str | None:
    return as_text(typed) or None


def _setting_slug(typed: Cell) -> str | None:
    slug = as_text(typed)
    return slug if re.fullmatch(r"[A-Za-z0-9._-]{1,60}", slug) else None


def _setting_yes(typed: Cell) -> bool | None:
    folded = fold(as_text(typed))
    return True if folded in _YES else False if folded in _NO else None


def _setting_real(typed: Cell) -> bool | None:
    return {"thật": True, "thử": False}.get(fold(as_text(typed)))


def _setting_words(typed: Cell) -> tuple[str, ...] | None:
    return tuple(piece for each in as_text(typed).split("|") if (piece := clean(each))) or None


def _setting_headcount_source(typed: Cell) -> HeadcountSource | None:
    return next((each for each in HeadcountSource if fold(each.value) == fold(as_text(typed))), None)


def _setting_group_targets(typed: Cell) -> dict[str, float] | None:
    """`Nhóm: per cent`, several between "|" (names of groups hold commas), each group once."""
    entries = [piece.rpartition(":") for each in as_text(typed).split("|") if (piece := clean(each))]
    targets = {clean(group): _setting_percent(clean(percent)) for group, _, percent in entries}
    known = {group: percent for group, percent in targets.items() if group and percent is not None}
    return known if len({fold(group) for group in known}) == len(entries) else None


_NEEDED = object()


@dataclass(frozen=True)
class SettingSpec:
    """One row of `Cấu hình` that the program knows: its name, how it is read, what is allowed."""

    name: str
    read: Callable[[Cell], Any]
    """The value, or None for what cannot be read."""
    allowed: str
    """Key below `config.allowed` of the messages."""
    default: Any = _NEEDED
    """What holds where the row is missing or blank: workbooks made before a setting existed go on as they did."""

    @property
    def is_needed(self) -> bool:
        """Without the row, or with nothing in it that `read` takes, the configuration is refused."""
        return self.default is _NEEDED


SETTINGS: Mapping[str, SettingSpec] = {
    "campaign": SettingSpec("Tên chiến dịch", _setting_needed_text, "text"),
    "campaign_code": SettingSpec("Mã chiến dịch", _setting_slug, "slug"),
    "issuer": SettingSpec("Cơ quan", _setting_needed_text, "text"),
    "legal_basis": SettingSpec("Căn cứ", _setting_text, "text"),
    "deadline": SettingSpec("Hạn hoàn thành", _setting_date, "date"),
    "target": SettingSpec("Chỉ tiêu (%)", _setting_percent, "percent"),
    "time_zone": SettingSpec("Múi giờ", _setting_zone, "zone"),
    "level_required": SettingSpec("Mức tài khoản tối thiểu", _setting_needed_text, "text"),
    "card_counts": SettingSpec("Thẻ được tính", _setting_words, "words"),
    "max_deferral_days": SettingSpec("Số ngày hoãn tối đa", _setting_count, "count"),
    "mail_mode_real": SettingSpec("Chế độ gửi thư", _setting_real, "mail_mode"),
    "test_address": SettingSpec("Hộp thư thử nghiệm", _setting_address, "address"),
    "mail_from": SettingSpec("Địa chỉ gửi", _setting_address, "address"),
    "reply_to": SettingSpec("Địa chỉ trả lời", _setting_address, "address"),
    "mail_from_time": SettingSpec("Giờ gửi thư từ", _setting_time, "time"),
    "mail_until_time": SettingSpec("Giờ gửi thư đến", _setting_time, "time"),
    "extra_days_off": SettingSpec("Ngày nghỉ thêm", _setting_dates, "dates"),
    "extra_working_days": SettingSpec("Ngày làm bù thêm", _setting_dates, "dates"),
    "summary_to": SettingSpec("Người nhận tổng hợp", _setting_addresses, "addresses"),
    "summary_cc": SettingSpec("Đồng gửi tổng hợp", _setting_addresses, "addresses"),
    "summary_time": SettingSpec("Giờ gửi tổng hợp", _setting_time, "time"),
    "admin_address": SettingSpec("Email quản trị", _setting_address, "address"),
    "contact": SettingSpec("Liên hệ TCCB", _setting_text, "text"),
    "police_contact": SettingSpec("Liên hệ Công an", _setting_text, "text"),
    "names_in_mail": SettingSpec("Ghi tên trong thư", _setting_yes, "yes_no"),
    "cycle_minutes": SettingSpec("Chu kỳ rà soát (phút)", _setting_count, "count"),
    "silent_days": SettingSpec("Số ngày im lặng", _setting_count, "count"),
    "headcount_source": SettingSpec(
        "Nguồn tổng số người", _setting_headcount_source, "headcount_source", HeadcountSource.REGISTRY_FIRST
    ),
    "group_targets": SettingSpec("Chỉ tiêu theo nhóm", _setting_group_targets, "group_targets", {}),
}
"""What tab `Cấu hình` holds; only settings with a default may be missing from it.

Any other `Mục` is a text that conditions and messages may use as `[Mục]`.
"""


@dataclass(frozen=True)
class _SettingsTab:
    """Tab `Cấu hình` as read: the values of `SETTINGS` (None for what cannot be used), and every line by its name."""

    values: dict[str, Any]
    lines: Mapping[str, _Line]
    """folded `Mục` -> its line"""
    raw: Mapping[str, str]

    def line_of(self, setting: str) -> _Line:
        return self.lines[fold(SETTINGS[setting].name)]

    def texts(self) -> SettingTexts:
        """The values as texts; those that cannot be used are known and hold nothing."""
        unusable = [spec.name for setting, spec in SETTINGS.items() if self.values[setting] is None]
        texts: dict[str, str | None] = {fold(name): value for name, value in self.raw.items()}
        return SettingTexts([*self.raw, *unusable], texts | dict.fromkeys(map(fold, unusable)))

    def settings(self) -> Settings | None:
        if None in self.values.values():
            return None
        values = dict(self.values)
        hours = (values.pop("mail_from_time"), values.pop("mail_until_time"))
        return Settings(**values, mail_hours=hours)


def _read_settings(tab: _Tab) -> _SettingsTab:
    lines: dict[str, _Line] = {}
    raw: dict[str, str] = {}
    for line in tab.lines():
        name = line.needed("Mục")
        if fold(name) in lines:
            line.problem("Mục", "repeated", value=_short(name), first=str(lines[fold(name)].number))
            continue
        lines[fold(name)] = line
        raw[name] = line.text("Giá trị")
    values = {setting: _setting_value(tab, spec, lines, raw) for setting, spec in SETTINGS.items()}
    read = _SettingsTab(values, lines, raw)
    _check_mail_hours(read)
    return read


def _setting_value(tab: _Tab, spec: SettingSpec, lines: Mapping[str, _Line], raw: Mapping[str, str]) -> Any:
    line = lines.get(fold(spec.name))
    if line is None:
        meant = nearest(spec.name, [name for name in raw if name not in {s.name for s in SETTINGS.values()}])
        hint = text("config.similar_setting", name=meant) if meant else ""
        if meant or spec.is_needed:
            tab.problem_at(None, None, "setting_missing", name=spec.name, hint=hint)
            return None
        return spec.default
    if not spec.is_needed and not line.text("Giá trị"):
        return spec.default
    value = spec.read(line.raw("Giá trị"))
    if value is None:
        _report_setting(line, spec, spec.allowed)
    return value


def _report_setting(line: _Line, spec: SettingSpec, allowed: str) -> None:
    value = _short(line.text("Giá trị"))
    line.problem("Giá trị", "setting", name=spec.name, value=value, allowed=text(f"config.allowed.{allowed}"))


def _check_mail_hours(read: _SettingsTab) -> None:
    start, end = read.values["mail_from_time"], read.values["mail_until_time"]
    if start is not None and end is not None and start >= end:
        _report_setting(read.line_of("mail_until_time"), SETTINGS["mail_until_time"], "later_time")


_WORDS_OF_LISTS = {"level_required": FieldCode.LEVEL, "card_counts": FieldCode.CARD}
"""Settings that name values of a field's list."""


def _settle_words(read: _SettingsTab, fields: Sequence[Field], lists: Mapping[str, tuple[ListValue, ...]]) -> None:
    """Replace the words that settings name by the list's own spelling; None where one is not in the list."""
    for setting, code in _WORDS_OF_LISTS.items():
        typed = read.values[setting]
        field = next((field for field in fields if field.code == code and field.list_name), None)
        if typed is None or field is None:
            continue
        spellings = spellings_of(lists[field.list_name])
        words = (typed,) if isinstance(typed, str) else typed
        settled = tuple(spellings.get(fold(word), "") for word in words)
        for word, found in zip(words, settled, strict=True):
            if not found:
                _report_setting_word(read.line_of(setting), SETTINGS[setting].name, word, spellings)
        value = settled[0] if isinstance(typed, str) else settled
        read.values[setting] = value if all(settled) else None


def _settle_groups(read: _SettingsTab, units: Sequence[Unit]) -> None:
    """Key the targets by the folded name of a group that the registry has; None where one is not there."""
    groups = {fold(unit.group): unit.group for unit in units if unit.group}
    targets = read.values["group_targets"] or {}
    unknown = [group for group in targets if fold(group) not in groups]
    for group in unknown:
        _report_setting_word(read.line_of("group_targets"), SETTINGS["group_targets"].name, group, groups)
    if targets:
        settled = {fold(group): percent for group, percent in targets.items()}
        read.values["group_targets"] = None if unknown else settled


def _report_setting_word(line: _Line, name: str, word: str, spellings: Mapping[str, str]) -> None:
    meant = nearest(word, spellings)
    hint = text("config.did_you_mean", word=spellings[meant]) if meant else ""
    allowed = _listed(list(dict.fromkeys(spellings.values())))
    line.problem("Giá trị", "setting_word", name=name, value=_short(word), allowed=allowed, hint=hint)


# --- Cột dữ liệu, Danh mục --------------------------------------------------------------------------------


def _read_lists(tab: _Tab) -> dict[str, tuple[ListValue, ...]]:
    lists: dict[str, list[ListValue]] = {}
    names = {fold(PLACE_LIST): PLACE_LIST}
    seen: dict[str, dict[str, int]] = {}
    for line in tab.lines():
        typed, value = line.needed("Danh mục"), line.needed("Giá trị")
        name = names.setdefault(fold(typed), typed)
        if name == PLACE_LIST:
            value = _place_code(line, value)
        spellings = line.pieces("Cách viết khác")
        # A spelling of two values would mean whichever was read last.
        line.once("Giá trị", value, seen.setdefault(name, {}))
        for spelling in () if name == PLACE_LIST else spellings:
            line.once("Cách viết khác", spelling, seen[name], "ambiguous")
        counts = line.word("Tính", Exemption) if line.text("Tính") else None
        lists.setdefault(name, []).append(ListValue(value, spellings, counts.value if counts else ""))
    return {name: tuple(values) for name, values in lists.items()}


def _place_code(line: _Line, typed: str) -> str:
    """The three digits of a place code, with the zeros that a spreadsheet took away."""
    if not re.fullmatch(r"[0-9]{1,3}", typed):
        line.problem("Giá trị", "place_code", value=_short(typed))
    return typed.zfill(3)


def _read_fields(tab: _Tab, lists: Mapping[str, tuple[ListValue, ...]]) -> tuple[tuple[Field, ...], frozenset[str]]:
    """The fields, and the folded names of those that cannot be used as they stand."""
    fields: list[Field] = []
    at_fault: set[str] = set()
    by_fold = {fold(name): name for name in lists}
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for line in tab.lines():
        header, spellings = line.needed("Tiêu đề"), line.pieces("Tên khác")
        code = _field_code(line.needed("Mã"))
        line.once("Mã", code, codes)
        kind = line.word("Kiểu", FieldType)
        list_name = by_fold.get(fold(line.text("Danh mục")), "")
        list_is_unknown = not list_name and bool(line.text("Danh mục") or (kind and kind.has_list))
        if list_is_unknown:
            line.unknown_word("Danh mục", line.text("Danh mục"), list(lists))
        used = line.yes("Dùng", True)
        if used:
            line.once("Tiêu đề", header, names)
            for spelling in spellings:
                line.once("Tên khác", spelling, names, "ambiguous")
        if kind is None or list_is_unknown or not _type_fits(line, code, kind):
            at_fault |= {fold(name) for name in (header, *spellings)}
        if kind is not None:
            required, help_text = line.yes("Bắt buộc", False), line.text("Hướng dẫn nhập")
            fields.append(Field(code, header, spellings, kind, list_name, required, used, help_text))
    _report_missing_fields(tab, codes)
    return tuple(fields), frozenset(at_fault - {""})


def _field_code(typed: str) -> str:
    """A code that the program knows in its own spelling."""
    return next((code for code in KNOWN_FIELDS if fold(code) == fold(typed)), typed)


def _type_fits(line: _Line, code: str, kind: FieldType) -> bool:
    """Whether a field has a type that the program can use it with; what stands in computed columns is its own."""
    if code in KNOWN_FIELDS:
        allowed = [each for each in FieldType if each is KNOWN_FIELDS[code] or {each, KNOWN_FIELDS[code]} <= FREE_TYPES]
    else:
        allowed = [each for each in FieldType if each is not FieldType.COMPUTED]
    if kind not in allowed:
        words = _listed([each.value for each in allowed])
        line.problem("Kiểu", "field_type", code=_short(code), value=kind.value, allowed=words)
    return kind in allowed


def _report_missing_fields(tab: _Tab, codes: Mapping[str, int]) -> None:
    for code in KNOWN_FIELDS:
        if tab.has_headers and fold(code) not in codes:
            meant = nearest(code, [each for each in codes if each not in KNOWN_FIELDS])
            hint = text("config.similar_code", code=meant, line=codes[meant]) if meant else ""
            tab.problem_at(None, None, "field_missing", code=code, hint=hint)


_KINDS = {
    FieldType.LIST: Kind.LIST,
    FieldType.DATE: Kind.DATE,
    FieldType.NUMBER: Kind.NUMBER,
}


def _subject_of(field: Field, lists: Mapping[str, tuple[ListValue, ...]]) -> Subject:
    kind = _KINDS.get(field.type, Kind.TEXT)
    words = spellings_of(lists.get(field.list_name, ())) if kind is Kind.LIST else {}
    return Subject(SubjectType.FIELD, field.code, field.header, kind, words)


def condition_vocabulary(
    fields: Iterable[Field], lists: Mapping[str, tuple[ListValue, ...]], with_counts: bool
) -> dict[str, Subject]:
    """Everything a condition may speak of: folded header, other spelling or code -> subject.

    `with_counts` adds `Số lỗi` and `Số cảnh báo`, which only a status may ask for.
    """
    # Where a name is taken twice, a header wins over other names, a column in use over one that is not, and the
    # first line over the next.
    inputs = sorted((field for field in fields if field.type.is_input), key=lambda field: not field.used)
    subjects = [(field, _subject_of(field, lists)) for field in inputs]
    vocabulary: dict[str, Subject] = {}
    for field, subject in subjects:
        vocabulary.setdefault(fold(field.header), subject)
    for field, subject in subjects:
        for name in (*field.other_spellings, field.code):
            vocabulary.setdefault(fold(name), subject)
    for field in inputs:
        if field.type.has_list:
            is_told = any(value.counts for value in lists.get(field.list_name, ()))
            effects = {fold(effect.value): effect.value for effect in Exemption if is_told}
            name = f"Tính của {field.header}"
            vocabulary[fold(name)] = Subject(SubjectType.EFFECT, field.code, name, Kind.LIST, effects)
    if with_counts:
        for name, kind_of in (("Số lỗi", SubjectType.ERRORS), ("Số cảnh báo", SubjectType.WARNINGS)):
            vocabulary[fold(name)] = Subject(kind_of, "", name, Kind.NUMBER)
    return vocabulary


# --- Quy tắc, Trạng thái, Nhắc việc -----------------------------------------------------------------------


def _read_rules(tab: _Tab, fields: Sequence[Field], vocabulary: Vocabulary, settings: SettingTexts) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    codes: dict[str, int] = {}
    for line in tab.lines():
        code = line.needed("Mã")
        line.once("Mã", code, codes)
        mode, severity = line.word("Chế độ", Mode, Mode.ON), line.word("Mức độ", Severity)
        field, check = _field_of(line, fields, vocabulary), _check_of(line)
        when = line.condition("Khi", vocabulary, settings)
        # An expression has brackets of its own.
        typed = line.text("Tham số") if check == EXPRESSION else line.with_settings("Tham số", settings)
        message = line.filled_in("Thông báo", settings, PLACEHOLDERS)
        if not line.text("Thông báo"):
            line.problem("Thông báo", "blank", header="Thông báo")
        if field is None or check is None or typed is None:
            continue
        if not _check_fits(line, check, field, when):
            continue
        parameters = parse_parameters(check, typed, field, vocabulary)
        if isinstance(parameters, NotUnderstood):
            line.not_understood("Tham số", parameters)
        elif mode is not None and severity is not None and when is not None and message is not None:
            rules.append(Rule(code, mode, severity, field.code, check, parameters, when, message))
    return tuple(rules)


def _field_of(line: _Line, fields: Sequence[Field], vocabulary: Vocabulary) -> Field | None:
    """The column that a rule complains about."""
    subject = vocabulary.get(fold(line.text("Cột")))
    if subject is not None and subject.type is SubjectType.FIELD:
        return next(field for field in fields if field.code == subject.field)
    if not line.speaks_of_excused_columns():
        line.unknown_word("Cột", line.text("Cột"), [field.header for field in fields if field.type.is_input])
    return None


def _check_fits(line: _Line, check: str, field: Field, when: Condition | None) -> bool:
    """Whether the check can be made of the field, under the condition of the line."""
    types = CHECKS[check].types
    if check == CONTRADICTION and when is not None and when.always:
        line.problem("Khi", "condition_missing", check=check)
        return False
    if field.type in types:
        return True
    if not line.speaks_of_excused_columns():
        words = _listed([each.value for each in FieldType if each in types])
        line.problem("Cột", "check_type", check=check, header=field.header, kind=field.type.value, allowed=words)
    return False


def _check_of(line: _Line) -> str | None:
    check = next((name for name in CHECKS if fold(name) == fold(line.text("Phép kiểm tra"))), None)
    if check is None:
        line.unknown_word("Phép kiểm tra", line.text("Phép kiểm tra"), list(CHECKS))
    return check


def _check_places(tab: _Tab, lists: Mapping[str, tuple[ListValue, ...]], rules: Iterable[Rule]) -> None:
    """Without place codes every number would be blamed."""
    asking = [rule.code for rule in rules if rule.parameters == UNKNOWN_PLACE and rule.mode is not Mode.OFF]
    if asking and tab.has_headers and PLACE_LIST not in lists:
        tab.problem_at(None, None, "list_missing", name=PLACE_LIST, rule=asking[0])


def _read_statuses(tab: _Tab, vocabulary: Vocabulary, settings: SettingTexts) -> tuple[Status, ...]:
    statuses: list[Status] = []
    conditions: list[tuple[float, _Line, Condition]] = []
    orders: dict[str, int] = {}
    codes: dict[str, int] = {}
    labels: dict[str, int] = {}
    unread = False
    for line in tab.lines():
        order = read_number(line.raw("Thứ tự")) if line.needed("Thứ tự") else None
        if isinstance(order, Unreadable):
            line.problem("Thứ tự", "number", value=_short(line.text("Thứ tự")))
        if order is None or isinstance(order, Unreadable):
            order = float(line.number)
        else:
            line.once("Thứ tự", as_text(order), orders)
        code, label = line.needed("Mã"), line.needed("Trạng thái")
        line.once("Mã", code, codes)
        line.once("Trạng thái", label, labels)
        counts = line.word("Tính", CountsAs)
        when = line.condition("Khi", vocabulary, settings)
        todo = line.filled_in("Việc cần làm", settings, (TO_CORRECT.strip("{}"),))
        colour = line.text("Màu").lstrip("#").upper()
        if colour and not re.fullmatch(r"[0-9A-F]{6}", colour):
            line.problem("Màu", "colour", value=_short(line.text("Màu")))
        unread = unread or when is None
        if when is not None:
            conditions.append((order, line, when))
        if counts is None or when is None or todo is None:
            continue
        statuses.append(Status(order, code, label, when, counts, todo, colour))
    if not unread:
        _check_total(tab, sorted(conditions, key=lambda each: each[0]))
    return tuple(sorted(statuses, key=lambda status: status.order))


def _check_total(tab: _Tab, ordered: Sequence[tuple[float, _Line, Condition]]) -> None:
    """Every row of inputs must land on exactly one line: one line without a condition, at the end."""
    defaults = [place for place, (_, _, when) in enumerate(ordered) if when.always]
    if not defaults:
        tab.problem_at(None, None, "no_default_status")
        return
    if len(defaults) > 1:
        for place in defaults[:-1]:
            line = ordered[place][1]
            line.problem("Khi", "early_default", code=line.text("Mã"))
        return
    default = ordered[defaults[0]][1].text("Mã")
    for _, line, _ in ordered[defaults[0] + 1 :]:
        line.problem("Thứ tự", "unreachable_status", code=line.text("Mã"), default=default)


def _read_ladder(tab: _Tab, mail_templates: Collection[str]) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    codes: dict[str, int] = {}
    for line in tab.lines():
        code, due, template = line.needed("Mã"), line.needed("Khi gửi"), line.needed("Mẫu thư")
        line.once("Mã", code, codes)
        mode = line.word("Chế độ", Mode, Mode.ON)
        condition, recipients = line.text("Điều kiện"), line.needed("Gửi tới")
        line.readable("Khi gửi", read_rung_due)
        line.readable("Điều kiện", read_rung_condition)
        line.readable("Gửi tới", read_recipients)
        if template and template not in mail_templates:
            meant = nearest(template, mail_templates)
            hint = text("config.did_you_mean", word=meant) if meant else ""
            allowed = _listed(list(mail_templates))
            line.problem("Mẫu thư", "template", value=_short(template), allowed=allowed, hint=hint)
        if mode is not None:
            pieces = tuple(piece for each in recipients.split(";") if (piece := clean(each)))
            rungs.append(Rung(code, mode, due, condition, pieces, template))
    return tuple(rungs)


# --- Đơn vị -----------------------------------------------------------------------------------------------


def read_units(tab: _Tab) -> tuple[Unit, ...]:
    """The registry. A unit without a tab title gets one derived from its name."""
    units: list[Unit] = []
    codes: dict[str, int] = {}
    titles: dict[str, int] = {}
    for line in tab.lines():
        code, name = line.needed("Mã"), line.needed("Tên đơn vị")
        title = line.text("Trang tính")
        line.once("Mã", code, codes)
        line.once("Trang tính", title, titles)
        headcount = read_count(line.raw("Tổng số người"))
        if isinstance(headcount, Unreadable):
            line.problem("Tổng số người", "count", value=_short(line.text("Tổng số người")))
            headcount = None
        for column in ("Email đầu mối", "Email thủ trưởng"):
            for address in split_addresses(line.text(column)):
                if not is_mail_address(address):
                    line.problem(column, "address", value=_short(address))
        units.append(
            Unit(
                code=code,
                name=name,
                group=line.text("Nhóm"),
                tab_title=title,
                workbook=line.text("Bảng tính"),
                headcount=headcount,
                focal_person=line.text("Đầu mối"),
                focal_email=line.text("Email đầu mối"),
                focal_phone=line.text("Điện thoại đầu mối"),
                head=line.text("Thủ trưởng"),
                head_email=line.text("Email thủ trưởng"),
            )
        )
    return with_tab_titles(units)


def with_tab_titles(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The same units, each with a tab title: its own, or one derived from its name."""
    taken = {unit.tab_title for unit in units if unit.tab_title} | set(tabs.BOT_TABS)
    titled: list[Unit] = []
    for unit in units:
        title = unit.tab_title or derived_tab_title(unit.name, taken)
        taken.add(title)
        titled.append(replace(unit, tab_title=title))
    return tuple(titled)


# --- all of it --------------------------------------------------------------------------------------------


def read_config(tables: ConfigTables, mail_templates: Collection[str] = MAIL_TEMPLATES) -> Config | Refused:
    """The configuration that the tabs hold, or every problem in them.

    `mail_templates` are the kinds of mail that `Mẫu thư` may name. A tab that is missing reads as an empty one.
    """
    problems: list[Problem] = []
    tab = {title: _Tab(title, tables.get(title, ()), problems) for title in tabs.CONFIG_TABS}
    if any(tab[title].lacks_headers for title in (tabs.SETTINGS, tabs.FIELDS, tabs.LISTS)):
        # All else speaks of what stands there: nearly every cell would be blamed for it.
        return Refused(tuple(problems))
    settings_tab = _read_settings(tab[tabs.SETTINGS])
    lists = _read_lists(tab[tabs.LISTS])
    fields, at_fault = _read_fields(tab[tabs.FIELDS], lists)
    tab[tabs.RULES].excused = tab[tabs.STATUSES].excused = at_fault
    _settle_words(settings_tab, fields, lists)
    texts = settings_tab.texts()
    vocabulary = condition_vocabulary(fields, lists, with_counts=False)
    rules = _read_rules(tab[tabs.RULES], fields, vocabulary, texts)
    with_counts = condition_vocabulary(fields, lists, with_counts=True)
    _check_places(tab[tabs.LISTS], lists, rules)
    statuses = _read_statuses(tab[tabs.STATUSES], with_counts, texts)
    rungs = _read_ladder(tab[tabs.LADDER], mail_templates)
    units = read_units(tab[tabs.REGISTRY])
    _settle_groups(settings_tab, units)
    settings = settings_tab.settings()
    if problems or settings is None:
        return Refused(tuple(problems))
    return Config(settings, settings_tab.raw, fields, lists, rules, statuses, rungs, units)
