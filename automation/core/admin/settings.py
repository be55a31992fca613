"""Tab `Cấu hình`: how each setting is read, and what is said of one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.lines import NO, YES, ConfigLine, ConfigTab, SettingTexts, listing, shortened
from automation.core.config.dated_texts import DatedText, read_dated_text
from automation.core.config.mail_kinds import SAMPLES, Part, read_name
from automation.core.config.values import (
    DEFAULTS,
    Field,
    FieldCode,
    HeadcountSource,
    ListValue,
    Settings,
    SummaryRhythm,
    Wording,
    spellings_of,
)
from automation.core.model.units import Unit
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    Unreadable,
    as_text,
    clean,
    fold,
    is_mail_address,
    is_plain_address,
    looks_like_another,
    read_count,
    read_date,
    read_number,
    read_percent,
    split_addresses,
)
from automation.core.reading.shown import shown
from automation.core.reading.suggestions import nearest

if TYPE_CHECKING:
    from automation.core.config.mail_wording import Mistake

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
    percent = read_percent(typed)
    return percent if isinstance(percent, float) and 0 < percent <= 100 else None


def _setting_target(typed: Cell) -> float | None:
    """A bare 1 is what a cell holds that shows 100%, and nobody asks for 1 %."""
    return 100.0 if read_number(as_text(typed)) == 1 else _setting_percent(typed)


def _setting_share(typed: Cell) -> float | None:
    """A number 1 may be 100 %, which nothing exceeds, or 1 %, which nearly everything does: taken for neither."""
    return None if typed == 1 else _setting_percent(typed)


def _setting_count(typed: Cell) -> int | None:
    count = read_count(typed)
    return count if isinstance(count, int) and 0 < count <= _MOST else None


def _setting_count_or_none(typed: Cell) -> int | None:
    count = read_count(typed)
    return count if isinstance(count, int) and 0 <= count <= _MOST else None


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


def _setting_addresses(typed: Cell) -> tuple[str, ...] | None:
    addresses = split_addresses(str(typed)) if typed is not None else ()
    return addresses if all(map(is_mail_address, addresses)) else None


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
    return True if folded in YES else False if folded in NO else None


def _setting_real(typed: Cell) -> bool | None:
    return {"thật": True, "thử": False}.get(fold(as_text(typed)))


def _setting_words(typed: Cell) -> tuple[str, ...] | None:
    return tuple(piece for each in as_text(typed).split("|") if (piece := clean(each))) or None


def _setting_headcount_source(typed: Cell) -> HeadcountSource | None:
    return next((each for each in HeadcountSource if fold(each.value) == fold(as_text(typed))), None)


def _setting_summary_rhythm(typed: Cell) -> SummaryRhythm | None:
    """`hàng ngày` is as common as `hằng ngày`."""
    folded = fold(as_text(typed)).replace("hàng", "hằng")
    return next((each for each in SummaryRhythm if fold(each.value) == folded), None)


def _setting_weekday(typed: Cell) -> int | None:
    folded = fold(as_text(typed)).removeprefix("thứ ")
    return next((day for day, names in enumerate(_WEEKDAYS) if folded in names), None)


def _setting_group_targets(typed: Cell) -> dict[str, float] | None:
    """`Nhóm: per cent`, several between "|" (names of groups hold commas), each group once."""
    entries = [piece.rpartition(":") for each in as_text(typed).split("|") if (piece := clean(each))]
    targets = {clean(group): _setting_target(clean(percent)) for group, _, percent in entries}
    known = {group: percent for group, percent in targets.items() if group and percent is not None}
    return known if len({fold(group) for group in known}) == len(entries) else None


_WEEKDAYS = (("hai", "2"), ("ba", "3"), ("tư", "4"), ("năm", "5"), ("sáu", "6"), ("bảy", "7"), ("chủ nhật", "cn"))
"""Monday to Sunday, as they are called after "thứ"."""

_NEEDED = object()


class SettingSpec(Struct, frozen=True):
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


_FORMER_NAMES = {fold("Chu kỳ rà soát (phút)"): "Chu kỳ kiểm tra (phút)"}
"""Folded former name -> name of today: workbooks of earlier versions keep theirs."""

_FIXED_SETS: Mapping[str, tuple[str, ...]] = {
    "yes_no": ("Có", "Không"),
    "mail_mode": ("Thử", "Thật"),
    "headcount_source": tuple(each.value for each in HeadcountSource),
    "summary_rhythm": tuple(each.value for each in SummaryRhythm),
    "weekday": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
}
"""What is allowed -> all of it, for settings that take one of a few words."""


def choices_of_setting(name: str, level_list: Sequence[str]) -> tuple[str, ...]:
    """The words that the setting called `name` takes; () where any number of others are allowed.

    `level_list`: the values of the list that `Mức tài khoản tối thiểu` is one of.
    """
    found = next((each for each in SETTINGS.values() if fold(each.name) == fold(name)), None)
    if found is None:
        return ()
    return tuple(level_list) if found is SETTINGS["level_required"] else _FIXED_SETS.get(found.allowed, ())


SETTINGS: Mapping[str, SettingSpec] = {
    "campaign": SettingSpec("Tên chiến dịch", _setting_needed_text, "text"),
    "campaign_code": SettingSpec("Mã chiến dịch", _setting_slug, "slug"),
    "issuer": SettingSpec("Cơ quan", _setting_needed_text, "text"),
    "legal_basis": SettingSpec("Căn cứ", _setting_text, "text"),
    "deadline": SettingSpec("Hạn hoàn thành", _setting_date, "date"),
    "target": SettingSpec("Chỉ tiêu (%)", _setting_target, "percent"),
    "time_zone": SettingSpec("Múi giờ", _setting_zone, "zone"),
    "level_required": SettingSpec("Mức tài khoản tối thiểu", _setting_text, "text", ""),
    "card_counts": SettingSpec("Thẻ được tính", _setting_words, "words", ()),
    "max_deferral_days": SettingSpec("Số ngày hoãn tối đa", _setting_count, "count"),
    "mail_mode_real": SettingSpec("Chế độ gửi thư", _setting_real, "mail_mode"),
    "test_address": SettingSpec("Hộp thư thử nghiệm", _setting_address, "address"),
    "mail_from": SettingSpec("Địa chỉ gửi", _setting_address, "address"),
    "reply_to": SettingSpec("Địa chỉ trả lời", _setting_address, "address"),
    "mail_from_time": SettingSpec("Giờ gửi thư từ", _setting_time, "time"),
    "mail_until_time": SettingSpec("Giờ gửi thư đến", _setting_time, "time"),
    "papers": SettingSpec("Giấy tờ mang theo", _setting_text, "text", ""),
    "approval_message": SettingSpec("Tin nhắn báo duyệt", _setting_text, "text", ""),
    "on_site_above": SettingSpec(
        "Đề nghị làm lưu động khi quá (người)", _setting_count, "count", DEFAULTS["on_site_above"]
    ),
    "purpose": SettingSpec("Mục đích", _setting_text, "text", ""),
    "relatives_request": SettingSpec("Vận động người thân", _setting_text, "text", ""),
    "year_end": SettingSpec("Tiêu chí cuối năm", _setting_text, "text", ""),
    "usual_mistakes": SettingSpec("Lỗi thường gặp", _setting_words, "words", ()),
    "alarm_share": SettingSpec("Báo động khi mất dòng (%)", _setting_share, "share", DEFAULTS["alarm_share"]),
    "alarms_at_once": SettingSpec("Báo mất dòng ngay", _setting_yes, "yes_no", DEFAULTS["alarms_at_once"]),
    "copies_days": SettingSpec("Lưu bản sao", _setting_count_or_none, "count_or_none", DEFAULTS["copies_days"]),
    "out_of_scope_share": SettingSpec("Ngoài diện nhiều (%)", _setting_share, "share", DEFAULTS["out_of_scope_share"]),
    "mails_per_day": SettingSpec("Số thư tối đa mỗi ngày", _setting_count, "count", DEFAULTS["mails_per_day"]),
    "mails_per_connection": SettingSpec(
        "Số thư tối đa mỗi kết nối", _setting_count, "count", DEFAULTS["mails_per_connection"]
    ),
    "extra_days_off": SettingSpec("Ngày nghỉ thêm", _setting_dates, "dates"),
    "extra_working_days": SettingSpec("Ngày làm bù thêm", _setting_dates, "dates"),
    "summary_to": SettingSpec("Người nhận tổng hợp", _setting_addresses, "addresses"),
    "summary_cc": SettingSpec("Đồng gửi tổng hợp", _setting_addresses, "addresses"),
    "summary_time": SettingSpec("Giờ gửi tổng hợp", _setting_time, "time"),
    "admin_address": SettingSpec("Email quản trị", _setting_address, "address"),
    "contact": SettingSpec("Liên hệ TCCB", _setting_text, "text"),
    "police_contact": SettingSpec("Liên hệ Công an", _setting_text, "text"),
    "names_in_mail": SettingSpec("Ghi tên trong thư", _setting_yes, "yes_no"),
    "cycle_minutes": SettingSpec("Chu kỳ kiểm tra (phút)", _setting_count, "count"),
    "dates_as_text": SettingSpec("Ngày ghi dạng chữ", _setting_yes, "yes_no", DEFAULTS["dates_as_text"]),
    "silent_days": SettingSpec("Số ngày im lặng", _setting_count, "count"),
    "tables_version": SettingSpec("Phiên bản bảng", _setting_count, "count", DEFAULTS["tables_version"]),
    "headcount_source": SettingSpec(
        "Nguồn tổng số người", _setting_headcount_source, "headcount_source", HeadcountSource.REGISTRY_FIRST
    ),
    "group_targets": SettingSpec("Chỉ tiêu theo nhóm", _setting_group_targets, "group_targets", {}),
    "summary_rhythm": SettingSpec("Bản tổng hợp", _setting_summary_rhythm, "summary_rhythm", SummaryRhythm.DAILY),
    "summary_weekday": SettingSpec("Ngày gửi tổng hợp tuần", _setting_weekday, "weekday", 0),
    "parent_agency": SettingSpec("Cơ quan chủ quản", _setting_text, "text", ""),
    "place": SettingSpec("Địa danh", _setting_text, "text", ""),
    "report_symbol": SettingSpec("Ký hiệu báo cáo", _setting_text, "text", ""),
}
"""What tab `Cấu hình` holds; only settings with a default may be missing from it.

Any other `Mục` is a text that conditions and messages may use as `[Mục]`.
"""


_STANDS_FOR: Mapping[str, Sequence[str]] = {
    "test_address": ("admin_address", "reply_to"),
    "admin_address": ("reply_to", "test_address"),
    "reply_to": ("admin_address", "mail_from"),
    "mail_from": ("reply_to", "admin_address"),
}
"""Whose address is used in place of one that can be taken for another."""


def known_as(name: str) -> str:
    """The name that a setting goes by today, whatever an earlier version called it."""
    return _FORMER_NAMES.get(fold(name), name)


class SettingsTab(Struct, frozen=True):
    """Tab `Cấu hình` as read: the values of `SETTINGS` (None for what cannot be used), and every line by its name."""

    tab: ConfigTab
    values: dict[str, Any]
    lines: Mapping[str, ConfigLine]
    """folded `Mục` -> its line"""
    raw: dict[str, str]
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    days: Sequence[date] = ()
    """The days on which a text changes, in their order."""
    spellings: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """folded `Mục` of a setting that names a value of a list -> its folded spellings -> the value"""

    def line_of(self, setting: str) -> ConfigLine:
        """Where a setting stands, by its name in `Settings`."""
        return self.lines[fold(SETTINGS[setting].name)]

    def texts(self) -> SettingTexts:
        """The values as texts; those that cannot be used are known and hold nothing."""
        unusable = [spec.name for setting, spec in SETTINGS.items() if self.values[setting] is None]
        texts: dict[str, str | None] = {fold(name): value for name, value in self.raw.items()}
        return SettingTexts([*self.raw, *unusable], texts | dict.fromkeys(map(fold, unusable)), self.spellings)

    def settings(self) -> Settings | None:
        """All of them; None where one cannot be used."""
        if None in self.values.values():
            return None
        values = dict(self.values)
        hours = (values.pop("mail_from_time"), values.pop("mail_until_time"))
        return Settings(**values, mail_hours=hours, wordings=self.wordings)


def read_settings(tab: ConfigTab, day: date) -> SettingsTab:
    """The settings with the texts that hold on that day."""
    lines: dict[str, ConfigLine] = {}
    raw: dict[str, str] = {}
    days: set[date] = set()
    for line in tab.lines():
        name = known_as(line.needed("Mục"))
        if fold(name) in lines:
            line.problem("Mục", "repeated", value=shortened(name), first=str(lines[fold(name)].number))
            continue
        lines[fold(name)] = line
        raw[name] = line.text("Giá trị")
        if _may_change(name) and (dated := _dated_text(line)):
            raw[name] = dated.on(day)
            days.update(dated.days)
    values = {setting: _setting_value(tab, spec, lines, raw) for setting, spec in SETTINGS.items()}
    for setting, spec in SETTINGS.items():
        if spec.read is _setting_addresses and values[setting] and (typed := lines.get(fold(spec.name))):
            values[setting] = _plain(values[setting], typed)
    values |= _instead_of_look_alikes(values, lines)
    read = SettingsTab(tab, values, lines, raw, _read_wordings(lines), sorted(days))
    _check_mail_hours(read)
    return read


def _plain(addresses: Sequence[str], line: ConfigLine) -> tuple[str, ...]:
    """Those of the addresses that cannot be taken for others; the others are pointed out."""
    for address in filter(looks_like_another, addresses):
        line.remark("Giá trị", "address_looks_alike", value=shortened(address))
    return tuple(filter(is_plain_address, addresses))


def _instead_of_look_alikes(values: Mapping[str, Any], lines: Mapping[str, ConfigLine]) -> Mapping[str, str | None]:
    """For each single address that can be taken for another one that of another setting, and it is pointed out; None
    where there is no other, which is a problem.
    """
    instead: dict[str, str | None] = {}
    for setting, others in _STANDS_FOR.items():
        address, line = values[setting], lines.get(fold(SETTINGS[setting].name))
        if line is None or not address or not looks_like_another(address):
            continue
        other = next((each for each in others if values[each] and is_plain_address(values[each])), None)
        instead[setting] = values[other] if other else None
        if other is None:
            _report_setting(line, SETTINGS[setting], SETTINGS[setting].allowed)
        else:
            line.remark(
                "Giá trị", "address_replaced", value=shortened(address), name=SETTINGS[other].name, other=values[other]
            )
    return instead


def _may_change(name: str) -> bool:
    """Whether the setting is a text that may be another from a day on: one that the program only passes on."""
    spec = next((spec for spec in SETTINGS.values() if fold(spec.name) == fold(name)), None)
    return read_name(name) is None if spec is None else spec.read is _setting_text


def _dated_text(line: ConfigLine) -> DatedText | None:
    """None where a line with a day cannot be read, which is a problem."""
    typed = line.raw("Giá trị")
    found = read_dated_text(typed if isinstance(typed, str) else as_text(typed))
    if isinstance(found, DatedText):
        return found
    line.problem("Giá trị", f"dated.{found.key}", part=shortened(found.part))
    return None


def _read_wordings(lines: Mapping[str, ConfigLine]) -> Mapping[str, Wording]:
    """The admin's own words by kind of mail."""
    wordings: dict[str, Wording] = {}
    for line in lines.values():
        named = read_name(line.text("Mục"))
        if named is None:
            continue
        part, kind = named
        if kind not in SAMPLES:
            meant = nearest(kind, SAMPLES)
            hint = text("config.did_you_mean", word=meant) if meant else ""
            allowed = listing(list(SAMPLES))
            line.problem("Mục", "wording_kind", part=part.value, kind=shortened(kind), allowed=allowed, hint=hint)
            continue
        source = _typed_lines(line.raw("Giá trị"))
        if mistake := _mistake_in(source, part, kind):
            _report_wording(line, mistake, kind)
            continue
        wordings[kind] = replace(wordings.get(kind, Wording()), **{part.name.lower(): source})
    return wordings


def _mistake_in(source: str, part: Part, kind: str) -> Mistake | None:
    if not source:
        return None
    from automation.core.config.mail_wording import check  # its template engine: few workbooks word a mail themselves

    return check(source, part, kind)


def _typed_lines(cell: Cell) -> str:
    """A text that may have several lines."""
    return "\n".join(map(clean, cell.splitlines())).strip() if isinstance(cell, str) else as_text(cell)


def _report_wording(line: ConfigLine, mistake: Mistake, kind: str) -> None:
    hint = text("config.did_you_mean", word=mistake.hint) if mistake.hint else ""
    allowed = listing(list(SAMPLES[kind]), most=len(SAMPLES[kind]))
    line.problem("Giá trị", f"wording.{mistake.key}", part=shortened(mistake.part), allowed=allowed, hint=hint)


def _setting_value(tab: ConfigTab, spec: SettingSpec, lines: Mapping[str, ConfigLine], raw: Mapping[str, str]) -> Any:
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
    value = raw[known_as(line.text("Mục"))] if spec.read is _setting_text else spec.read(line.raw("Giá trị"))
    if value is None:
        _report_setting(line, spec, spec.allowed)
    return value


def _report_setting(line: ConfigLine, spec: SettingSpec, allowed: str) -> None:
    value = shortened(line.text("Giá trị"))
    line.problem("Giá trị", "setting", name=spec.name, value=value, allowed=text(f"config.allowed.{allowed}"))


def _check_mail_hours(read: SettingsTab) -> None:
    start, end = read.values["mail_from_time"], read.values["mail_until_time"]
    if start is not None and end is not None and start >= end:
        _report_setting(read.line_of("mail_until_time"), SETTINGS["mail_until_time"], "later_time")


_WORDS_OF_LISTS = {"level_required": FieldCode.LEVEL, "card_counts": FieldCode.CARD}
"""Settings that name values of a field's list."""


def resolve_list_settings(
    read: SettingsTab, fields: Sequence[Field], lists: Mapping[str, tuple[ListValue, ...]]
) -> None:
    """Replace the words that settings name by the list's own spelling; None where one is not in the list."""
    for setting, code in _WORDS_OF_LISTS.items():
        typed = read.values[setting]
        field = next((field for field in fields if field.code == code and field.list_name), None)
        if typed is None or field is None:
            continue
        if not typed:
            read.values[setting] = _blank_setting(read, setting, field)
            continue
        spellings = spellings_of(lists[field.list_name])
        words = (typed,) if isinstance(typed, str) else typed
        settled = tuple(spellings.get(fold(word), "") for word in words)
        for word, found in zip(words, settled, strict=True):
            if not found:
                _report_setting_word(read.line_of(setting), SETTINGS[setting].name, word, spellings)
        value = settled[0] if isinstance(typed, str) else settled
        read.values[setting] = value if all(settled) else None
        read.spellings[fold(SETTINGS[setting].name)] = spellings
        if all(settled):  # "2" is understood, and no text may say "từ 2 trở lên"
            read.raw[known_as(read.line_of(setting).text("Mục"))] = " | ".join(settled)


def _blank_setting(read: SettingsTab, setting: str, field: Field) -> Any:
    """Where people fill in the field, the setting is needed; another campaign does without both."""
    spec = SETTINGS[setting]
    if not field.used:
        return spec.default
    line = read.lines.get(fold(spec.name))
    if line is None:
        read.tab.problem_at(None, None, "setting_missing", name=spec.name, hint="")
    else:
        line.problem("Giá trị", "setting_blank", name=spec.name, header=field.header)
    return None


def resolve_group_targets(read: SettingsTab, units: Sequence[Unit]) -> None:
    """Key the targets by the folded name of a group that the registry has; None where one is not there."""
    groups = {fold(unit.group): unit.group for unit in units if unit.group}
    targets = read.values["group_targets"] or {}
    unknown = [group for group in targets if fold(group) not in groups]
    for group in unknown:
        _report_setting_word(read.line_of("group_targets"), SETTINGS["group_targets"].name, group, groups)
    if targets:
        settled = {fold(shown(group)): percent for group, percent in targets.items()}
        read.values["group_targets"] = None if unknown else settled


def _report_setting_word(line: ConfigLine, name: str, word: str, spellings: Mapping[str, str]) -> None:
    meant = nearest(word, spellings)
    hint = text("config.did_you_mean", word=spellings[meant]) if meant else ""
    allowed = listing(list(dict.fromkeys(spellings.values())))
    line.problem("Giá trị", "setting_word", name=name, value=shortened(word), allowed=allowed, hint=hint)
