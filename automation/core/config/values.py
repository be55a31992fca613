"""The config tabs become one `Config`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from enum import Enum
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import NODEFAULT, Struct, field
from msgspec.structs import fields, replace

from automation.core.config.computed import COMPUTED, ComputedCode
from automation.core.config.conditions import Condition
from automation.core.config.ladder import Rung
from automation.core.config.next_steps import NextStep
from automation.core.model.problems import Problem
from automation.core.model.units import CountsAs, Mode, Severity, Unit
from automation.core.reading.cells import fold, split_addresses
from automation.core.reading.header_lines import ListNames, joined_names, spelled
from automation.core.reading.other_lines import LineStart, LineWords
from automation.core.reading.suggestions import candidates


class FieldType(Enum):
    """How the cells of a field are read. The values are the words of tab `Cột dữ liệu`."""

    ORDINAL = "số thứ tự"
    """A row number of the unit's own: a row with nothing else is an empty row."""
    TEXT = "văn bản"
    DATE = "ngày"
    LIST = "danh mục"
    OPEN_LIST = "danh mục mở"
    """A list that also takes free text."""
    IDENTITY = "số định danh"
    PHONE = "điện thoại"
    NUMBER = "số"
    COMPUTED = "hệ thống ghi"
    """Written by the bot beside each person."""
    DECLARED_COUNT = "khai báo số"
    """Declared once a unit, on line 2 of its tab, beside the label."""
    DECLARED_DATE = "khai báo ngày"
    DECLARED_TICK = "khai báo đánh dấu"
    DECLARED_TEXT = "khai báo văn bản"

    @property
    def is_input(self) -> bool:
        """True for a column that people fill in, one cell a person."""
        return not (self is FieldType.COMPUTED or self.is_declared)

    @property
    def is_declared(self) -> bool:
        return self in _DECLARED

    @property
    def has_list(self) -> bool:
        return self in (FieldType.LIST, FieldType.OPEN_LIST)


_DECLARED = frozenset(
    {FieldType.DECLARED_COUNT, FieldType.DECLARED_DATE, FieldType.DECLARED_TICK, FieldType.DECLARED_TEXT}
)


class FieldCode(ComputedCode):
    """Codes of the fields that the product itself knows (contract: the rule codes are made of them)."""

    ORDINAL: Final = "stt"
    NAME: Final = "ho-ten"
    BIRTH_DATE: Final = "ngay-sinh"
    GENDER: Final = "gioi-tinh"
    IDENTITY: Final = "cccd"
    CATEGORY: Final = "doi-tuong"
    PARTY: Final = "dang-vien"
    DEPARTMENT: Final = "khoa-phong"
    PHONE: Final = "dien-thoai"
    CARD: Final = "the"
    ISSUED_ON: Final = "ngay-cap"
    LEVEL: Final = "muc"
    STAGE: Final = "tinh-trang"
    ACTIVATED_ON: Final = "ngay-kich-hoat"
    EXEMPTION: Final = "mien-hoan"
    DEFERRED_UNTIL: Final = "hoan-den"
    DIFFICULTY: Final = "kho-khan"
    HEADCOUNT: Final = "tong-so-nguoi"
    DISSEMINATED_ON: Final = "ngay-quan-triet"
    DISSEMINATED_BY: Final = "hinh-thuc-quan-triet"
    INFORMED: Final = "so-nguoi-pho-bien"
    RELATIVES: Final = "nguoi-than-van-dong"
    REPORTED_ON: Final = "ngay-bao-cong-an"
    LIST_COMPLETE: Final = "da-nhap-du"


KNOWN_FIELDS: Mapping[str, FieldType] = {
    FieldCode.ORDINAL: FieldType.ORDINAL,
    FieldCode.NAME: FieldType.TEXT,
    FieldCode.BIRTH_DATE: FieldType.DATE,
    FieldCode.GENDER: FieldType.LIST,
    FieldCode.IDENTITY: FieldType.IDENTITY,
    FieldCode.CATEGORY: FieldType.LIST,
    FieldCode.PARTY: FieldType.LIST,
    FieldCode.DEPARTMENT: FieldType.TEXT,
    FieldCode.PHONE: FieldType.PHONE,
    FieldCode.CARD: FieldType.LIST,
    FieldCode.ISSUED_ON: FieldType.DATE,
    FieldCode.LEVEL: FieldType.LIST,
    FieldCode.STAGE: FieldType.LIST,
    FieldCode.ACTIVATED_ON: FieldType.DATE,
    FieldCode.EXEMPTION: FieldType.LIST,
    FieldCode.DEFERRED_UNTIL: FieldType.DATE,
    FieldCode.DIFFICULTY: FieldType.OPEN_LIST,
    **dict.fromkeys(COMPUTED, FieldType.COMPUTED),
    FieldCode.HEADCOUNT: FieldType.DECLARED_COUNT,
    FieldCode.DISSEMINATED_ON: FieldType.DECLARED_DATE,
    FieldCode.DISSEMINATED_BY: FieldType.DECLARED_TEXT,
    FieldCode.INFORMED: FieldType.DECLARED_COUNT,
    FieldCode.RELATIVES: FieldType.DECLARED_COUNT,
    FieldCode.REPORTED_ON: FieldType.DECLARED_DATE,
    FieldCode.LIST_COMPLETE: FieldType.DECLARED_TICK,
}
"""The fields that the product works with and how it reads them. All of them stand in `Cột dữ liệu`, used or not."""
_KNOWN_ORDER = {code: place for place, code in enumerate(KNOWN_FIELDS)}

FIRST_VERSION = 1
"""Of the shipped tables: what workbooks hold that name none."""

FREE_TYPES = frozenset({FieldType.TEXT, FieldType.LIST, FieldType.OPEN_LIST})
"""A known field of one of these types may have any of them."""


class StatusCode:
    """Codes of the statuses that mails to units rely on (contract); the others are free."""

    TO_CORRECT: Final = "loi"
    BELOW_LEVEL: Final = "chua-du-muc"
    CHANGE_CARD: Final = "doi-the"
    WITHOUT_CARD: Final = "chua-co-the"
    NOT_LOGGED_IN: Final = "cho-dang-nhap"
    APPROVED: Final = "cho-kich-hoat"
    NOT_APPROVED: Final = "khong-duyet"
    AWAITS_APPROVAL: Final = "cho-duyet"
    NOT_REGISTERED: Final = "chua-dang-ky"


GOES_TO_THE_POLICE = frozenset(
    {
        StatusCode.CHANGE_CARD,
        StatusCode.WITHOUT_CARD,
        StatusCode.BELOW_LEVEL,
        StatusCode.NOT_APPROVED,
        StatusCode.NOT_REGISTERED,
    }
)
"""The statuses of people who may have to go to the police (directive: the guide, level 2)."""

GOES_THERE_BELOW_LEVEL = frozenset({StatusCode.NOT_LOGGED_IN, StatusCode.APPROVED})
"""The statuses of people who go there where their account is of a lower level than is required, as their step says."""

POLICE_PLACES = ("Nơi làm thẻ", "Nơi đăng ký Mức 2")
"""Texts of `Cấu hình` that name where people go."""

AWAITS_APPROVAL = frozenset({StatusCode.AWAITS_APPROVAL, StatusCode.APPROVED})
"""The statuses of people who wait for the message of approval, or have it and have to act on it in time."""


class Field(Struct, frozen=True):
    """One row of `Cột dữ liệu`."""

    code: str
    header: str
    other_spellings: tuple[str, ...]
    type: FieldType
    list_name: str
    required: bool
    """A unit's tab without this column cannot be read."""
    used: bool
    help: str


class ListValue(Struct, frozen=True):
    """One row of `Danh mục`."""

    value: str
    other_spellings: tuple[str, ...] = ()
    counts: str = ""
    """What it means to the program, a word of `meanings.py`; "" where that is nothing."""

    @property
    def names(self) -> tuple[str, ...]:
        """The value and its other spellings."""
        return (self.value, *self.other_spellings)


class Rule(Struct, frozen=True):
    """One row of `Quy tắc`."""

    code: str
    mode: Mode
    severity: Severity
    field: str
    """Code of the field it complains about."""
    check: str
    parameters: Any
    """As the check wants them, see `rules.CHECKS`."""
    when: Condition
    message: str
    """What is wrong, then " → ", then what to type instead."""


class Status(Struct, frozen=True):
    """One row of `Trạng thái`."""

    order: float
    code: str
    label: str
    when: Condition
    counts_as: CountsAs
    todo: str
    colour: str
    steps: tuple[NextStep, ...] = ()
    """What some of its people do instead of `todo`; the first that fits."""


class PartRate(Struct, frozen=True):
    """One row of `Chỉ số`: of the people in scope without errors, those for whom `when` holds."""

    code: str
    name: str
    when: Condition


class LegalDocument(Struct, frozen=True):
    """One row of `Văn bản`: a document to be made known."""

    number: str
    """Its kind and number."""
    dated: date
    subject: str
    since: date | None = None
    until: date | None = None
    """The last day on which it is in force."""

    def is_in_force(self, day: date) -> bool:
        """Whether it is to be made known on that day."""
        return (self.since or day) <= day <= (self.until or day)


class HeadcountSource(Enum):
    """Which of two headcounts of a unit counts. The values are the words of `Nguồn tổng số người`."""

    REGISTRY_FIRST = "danh sách đơn vị trước"
    DECLARED_FIRST = "đơn vị khai trước"
    LARGER = "số lớn hơn"


class SummaryRhythm(Enum):
    """How often the summary goes out. The values are the words of `Bản tổng hợp`."""

    DAILY = "hằng ngày"
    WEEKLY = "hằng tuần"
    BOTH = "hằng ngày và hằng tuần"
    NEVER = "không gửi"

    @property
    def is_daily(self) -> bool:
        return self in (SummaryRhythm.DAILY, SummaryRhythm.BOTH)

    @property
    def is_weekly(self) -> bool:
        return self in (SummaryRhythm.WEEKLY, SummaryRhythm.BOTH)


class Wording(Struct, frozen=True):
    """The admin's texts for one kind of mail, as typed (`mail_wording.py`); "" leaves the shipped one in place."""

    subject: str = ""
    opening: str = ""
    closing: str = ""


class Settings(Struct, frozen=True):
    """Tab `Cấu hình`. Field by field the `Mục` it comes from stands in `SETTINGS` of `core/admin/settings.py`."""

    campaign: str
    campaign_code: str
    issuer: str
    legal_basis: str
    deadline: date
    target: float
    """per cent"""
    time_zone: str
    level_required: str
    card_counts: tuple[str, ...]
    max_deferral_days: int
    mail_mode_real: bool
    """False: every mail goes to `test_address`, with the real recipients named in it."""
    test_address: str
    mail_from: str
    reply_to: str
    mail_hours: tuple[time, time]
    extra_days_off: frozenset[date]
    extra_working_days: frozenset[date]
    summary_to: tuple[str, ...]
    summary_cc: tuple[str, ...]
    summary_time: time
    admin_address: str
    contact: str
    """Whom units may call at TCCB."""
    police_contact: str
    names_in_mail: bool
    cycle_minutes: int
    silent_days: int
    tables_version: int = FIRST_VERSION
    """Which version of the shipped tables the workbook has all of; `init` writes it."""
    mails_per_day: int = 400
    """What goes beyond waits for the next day: providers block senders of more."""
    mails_per_connection: int = 100
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """kind of mail -> the admin's own words for it"""
    papers: str = ""
    """What people bring to the police, told in reminders."""
    approval_message: str = ""
    """What the genuine message of approval looks like, told in reminders."""
    on_site_above: int = 30
    """Where more people of a unit have to go to the police for the same step, a session at the unit is proposed."""
    purpose: str = ""
    """What the campaign is for, told in the kick-off mail."""
    relatives_request: str = ""
    """How units are asked to mobilise the families, told in the kick-off mail."""
    year_end: str = ""
    """That the result counts at the year's end, told in the kick-off mail."""
    usual_mistakes: tuple[str, ...] = ()
    """What often goes wrong in lists, told in the kick-off mail."""
    dates_as_text: bool = False
    """Whether the date columns of units keep what was typed, for computers that read the month first."""
    alarm_share: float = 20.0
    """per cent; a unit that loses more of its rows between two cycles is alarmed"""
    alarms_at_once: bool = True
    """Whether alarms about lost rows wait for no mail hours."""
    copies_days: int = 30
    """How long copies of what units typed are kept once it has changed; 0: none are."""
    out_of_scope_share: float = 10.0
    """per cent; units of whose rows more are out of scope are named in the summary: a rate can be reached that way"""
    headcount_source: HeadcountSource = HeadcountSource.REGISTRY_FIRST
    group_targets: Mapping[str, float] = field(default_factory=dict)
    """folded `Nhóm` -> per cent, for the groups that have a target of their own."""
    summary_rhythm: SummaryRhythm = SummaryRhythm.DAILY
    summary_weekday: int = 0
    """Of the weekly summary, 0 = Monday."""
    parent_agency: str = ""
    """The agency above `issuer`, at the head of the draft report."""
    place: str = ""
    """Where reports are signed."""
    report_symbol: str = ""
    """What follows the number of a report, as in "Số: 15/BC-SYT"."""

    @property
    def zone(self) -> ZoneInfo:
        """Of the campaign: where its days begin, its hours are meant and its moments are shown."""
        return ZoneInfo(self.time_zone)

    @property
    def admins(self) -> tuple[str, ...]:
        """Who may edit every tab, whoever it is closed to."""
        return tuple(split_addresses(self.admin_address))

    def is_campaign(self, code: str) -> bool:
        """Whether the code is that of this campaign; codes that differ in capitals alone are one."""
        return fold(code) == fold(self.campaign_code)

    def is_overdue(self, day: date) -> bool:
        """Whether the deadline has passed on that day of the campaign's zone."""
        return day > self.deadline

    def named_on_trial(self, recipients: tuple[str, ...]) -> tuple[str, ...] | None:
        """The real recipients of a mail, which it names as long as mails are on trial; None for a real one."""
        return None if self.mail_mode_real else recipients

    def target_of(self, group: str) -> float:
        """The target of the units of that `Nhóm`, per cent."""
        return self.group_targets.get(fold(group), self.target)


DEFAULTS: Final[Mapping[str, Any]] = {
    each.name: each.default for each in fields(Settings) if each.default is not NODEFAULT
}
"""By the name of a setting, what holds where a workbook lacks it."""


class Config(Struct, frozen=True, dict=True):
    """Everything the config tabs say, checked."""

    settings: Settings
    raw_settings: Mapping[str, str]
    """Every `Mục` of `Cấu hình` with its value as text, for `[Mục]` in conditions and texts."""
    fields: tuple[Field, ...]
    lists: Mapping[str, tuple[ListValue, ...]]
    rules: tuple[Rule, ...]
    statuses: tuple[Status, ...]
    rungs: tuple[Rung, ...]
    units: tuple[Unit, ...]
    part_rates: tuple[PartRate, ...] = ()
    """Those whose fields are in use: the others rest."""
    documents: tuple[LegalDocument, ...] = ()
    """Those to be made known; `on` leaves those of the day."""
    remarks: tuple[Problem, ...] = ()
    """Cells of which a part is not used, and that a person has to look at."""
    later: tuple[tuple[date, Config], ...] = ()
    """From each day on which a text of `Cấu hình` changes, the configuration with the texts of that day."""

    def on(self, day: date) -> Config:
        """The configuration with the texts and the documents that hold on that day."""
        config = next((config for since, config in reversed(self.later) if since <= day), self)
        return replace(config, documents=tuple(each for each in self.documents if each.is_in_force(day)))

    def field(self, code: str) -> Field:
        """The field of that code. Raises KeyError."""
        for each in self.fields:
            if each.code == code:
                return each
        raise KeyError(code)

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """The columns of a unit's tab that people fill in, as far as they are in use."""
        return tuple(each for each in self.fields if each.used and each.type.is_input)

    @cached_property
    def declared(self) -> tuple[Field, ...]:
        """What a unit declares above its list, as far as it is in use."""
        return tuple(each for each in self.fields if each.used and each.type.is_declared)

    @cached_property
    def units_by_code(self) -> Mapping[str, Unit]:
        """The units of the registry by their codes."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def list_names(self) -> ListNames:
        """By which names the columns of a unit's tab are known."""
        columns = [each for each in self.fields if each.type.is_input or each.type is FieldType.COMPUTED]
        names = field_names(columns)
        listed = [each for each in columns if each.used and each.type is FieldType.LIST]
        return ListNames(
            spelled(names),
            joined_names(names),
            {each.code: list_spellings(self, each.list_name) for each in listed},
            lambda code, typed: bool(candidates(typed, self.list_values(code))),
            frozenset(each.code for each in columns if each.type is FieldType.DATE),
            FieldCode.GENDER,
        )

    @cached_property
    def line_words(self) -> LineWords:
        """The words by which lines begin that are no person."""
        kinds = {kind.value: kind for kind in LineStart}
        values = self.lists.get(OTHER_LINES, ())
        told = ((name, kinds.get(value.counts, LineStart.OTHER)) for value in values for name in value.names)
        return LineWords({fold(name): kind for name, kind in told})

    @cached_property
    def judged_codes(self) -> tuple[str, ...]:
        """Of the fields that a result is made of; numbering is none of them. In an order of their own: what the sheet
        itself compares is drawn by it, and somebody may sort the lines of the fields.
        """
        codes = (each.code for each in self.inputs if each.type is not FieldType.ORDINAL)
        return tuple(sorted(codes, key=lambda code: (_KNOWN_ORDER.get(code, len(_KNOWN_ORDER)), code)))

    def uses(self, code: str) -> bool:
        """Whether the field of that code is there and switched on."""
        return any(field.code == code and field.used for field in self.fields)

    @property
    def collected(self) -> frozenset[str]:
        """The codes of the fields that are switched on."""
        return frozenset(field.code for field in self.fields if field.used)

    @property
    def usual_mistakes(self) -> tuple[str, ...]:
        """The usual mistakes, without those made in a column that is not collected: they name it, by its header or by
        another name of two words or more.
        """
        unused = (name for field in self.fields if not field.used for name in (field.header, *field.other_spellings))
        telling = [fold(name) for name in unused if " " in name.strip()]
        return tuple(each for each in self.settings.usual_mistakes if not any(name in fold(each) for name in telling))

    @property
    def possible_statuses(self) -> tuple[Status, ...]:
        """Those that somebody may have with the fields that are switched on."""
        return tuple(status for status in self.statuses if status.when.can_hold(self.collected))

    def list_values(self, code: str) -> tuple[str, ...]:
        """The values of a field's list in the order in which they are shown; none for a field without one."""
        return tuple(value.value for value in self._list_of(code))

    def _list_of(self, code: str) -> tuple[ListValue, ...]:
        list_names = (field.list_name for field in self.fields if field.code == code)
        return self.lists.get(next(list_names, ""), ())


TO_CORRECT = "{cần sửa}"
"""Placeholder in `Việc cần làm`: what to type instead, cell by cell."""


def field_names(fields: Iterable[Field]) -> dict[str, str]:
    """folded header or other spelling -> code, of the fields in use; the header itself wins over a spelling."""
    used = [field for field in fields if field.used]
    names = {fold(spelling): field.code for field in used for spelling in field.other_spellings}
    return names | {fold(field.header): field.code for field in used}


def choices_of(config: Config, list_name: str) -> tuple[str, ...]:
    """The values of one list of `Danh mục`, in their order."""
    return tuple(value.value for value in config.lists.get(list_name, ()))


PLACEHOLDERS = ("giá trị", "cột", "gợi ý", "lỗi")
"""What a message in tab `Quy tắc` may hold between braces."""


FORM_LIST = "Hình thức quán triệt"
"""The list of `Danh mục` that holds how units make the documents known."""


OTHER_LINES = "Dòng không phải người"
"""The list of `Danh mục` that holds the words by which sections, subtotals, notes and signatures begin."""


PLACE_LIST = "Mã nơi sinh"
"""The list of `Danh mục` that holds the known place codes."""


def list_spellings(config: Config, list_name: str) -> dict[str, str]:
    """folded spelling -> value of one list of `Danh mục`."""
    return spellings_of(config.lists.get(list_name, ()))


def are_same(one: str, other: str, spellings: Mapping[str, str]) -> bool:
    """Whether two texts are one value of a list with these spellings (`list_spellings`), or one text."""
    one, other = fold(one), fold(other)
    return spellings.get(one, one) == spellings.get(other, other)


def spellings_of(values: Sequence[ListValue]) -> dict[str, str]:
    """folded spelling -> value; the value itself wins over a spelling."""
    spellings = {fold(spelling): value.value for value in values for spelling in value.other_spellings}
    return spellings | {fold(value.value): value.value for value in values}
