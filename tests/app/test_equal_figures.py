"""One campaign, and every figure of it wherever it is shown: worked out here from the rows that are typed, by the
department's rules and not by the program, and found equal in `--json`, registry, dashboard, the units' tabs, mails,
.xlsx, .docx and on the screen. One column after the other is not collected; people leave, come and are renamed.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from docx import Document
from msgspec import Struct, field
from msgspec.structs import replace
from openpyxl import load_workbook
from rich.console import Console

from automation.adapters.config_files import default_tables
from automation.adapters.documents.attachments import ATTACHMENTS
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.mailing import Mailing
from automation.cli.report import as_json, print_report
from automation.core.config import tabs
from automation.core.figures.forecast import Outlook
from automation.core.figures.summary import summary_figures
from automation.core.judging.lists.emptied import emptied_line
from automation.core.model.mail import Mail
from automation.core.model.workbook import Cell, Row
from tests.core.facts import table_with
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, unit_line

WEDNESDAY, THURSDAY, FRIDAY = datetime(2023, 4, 19, 15, 0), datetime(2023, 4, 20, 9, 0), datetime(2023, 4, 21, 9, 0)
"""On Thursday seven working days are left: every unit below its target is reminded."""
AT_NINE = 7 - Fraction(2, 17)
"""Of these one hour of eight and a half is over by then."""
FIRST_ROW = 4

# --- what is typed ----------------------------------------------------------------------------------------

DONE, WAITING, NO_CARD, DEFERRED, LEFT, WRONG = "xong", "cho-duyet", "chua-co-the", "hoan", "ngoai-dien", "loi"
LABELS = {
    DONE: "Hoàn thành",
    WRONG: "Cần sửa dữ liệu",
    NO_CARD: "Chưa có thẻ gắn chíp",
    WAITING: "Đang chờ duyệt",
    DEFERRED: "Tạm hoãn",
    LEFT: "Không thuộc đối tượng",
}
"""The statuses that somebody has, in the order in which a funnel shows them."""
_KINDS: Mapping[str, Mapping[str, Cell]] = {
    DONE: {},
    WAITING: {
        "Tình trạng tài khoản": "Đã đăng ký, chờ duyệt",
        "Ngày kích hoạt": None,
        "Khó khăn, vướng mắc": "Lỗi ứng dụng",
    },
    NO_CARD: {
        "Thẻ CCCD gắn chíp": "Chưa làm",
        "Ngày cấp thẻ": None,
        "Mức tài khoản": None,
        "Tình trạng tài khoản": None,
        "Ngày kích hoạt": None,
    },
    DEFERRED: {
        "Tình trạng tài khoản": "Chưa đăng ký",
        "Ngày kích hoạt": None,
        "Miễn, hoãn": "Nghỉ dài ngày theo chế độ",
        "Hoãn đến ngày": "30/06/2023",
    },
    LEFT: {
        "Tình trạng tài khoản": "Chưa đăng ký",
        "Ngày kích hoạt": None,
        "Miễn, hoãn": "Đã nghỉ việc, chuyển công tác",
    },
}
_FLAWS: Mapping[str, Mapping[str, Cell]] = {
    "cccd": {"Số CCCD": "123456789"},
    "ngay-sinh": {"Ngày sinh": "31/02/1985"},
    "doi-tuong": {"Đối tượng": "Thợ sửa ống nước"},
    "dang-vien": {"Đảng viên": "Thợ sửa ống nước"},
}
"""Code of a column -> what is typed wrongly there; where the column is not collected, nobody is blamed for it."""
CATEGORIES = ("Công chức", "Viên chức", "Người lao động")
NO_CATEGORY, NOT_ENTERED, ALL = (
    "Chưa ghi đối tượng",
    "Đã khai báo, chưa có trong danh sách",
    "Toàn ngành",
)


class Someone(Struct, frozen=True):
    kind: str
    category: str = "Viên chức"
    party: bool = False
    level_2: bool = False
    flaw: str = ""
    name: str = "Nguyễn Văn An"

    def cells(self, number: int) -> dict[str, Cell]:
        cells = {**SOUND, "Họ và tên": self.name, "Số CCCD": f"079085{number:06d}", "Đối tượng": self.category}
        cells |= {"Đảng viên": "Có" if self.party else "Không", "Mức tài khoản": "Mức 2" if self.level_2 else "Mức 1"}
        return {**cells, **_KINDS[self.kind], **_FLAWS.get(self.flaw, {})}

    def has_error(self, off: str) -> bool:
        """Whether something is wrong in the row while the column `off` is not collected."""
        return bool(self.flaw) and self.flaw != off

    def status(self, off: str) -> str:
        """Where the person stands while the column `off` is not collected."""
        return WRONG if self.has_error(off) and self.kind != LEFT else self.kind


class Place(Struct):
    """A unit: what the registry says of it, and who is typed into its tab."""

    code: str
    name: str
    group: str
    headcount: int | None
    people: list[Someone] = field(default_factory=list)


def typed_on_wednesday() -> list[Place]:
    flawed = [Someone(DONE, flaw=flaw) for flaw in _FLAWS]
    one = [Someone(DONE, "Công chức", party=True), Someone(DONE, level_2=True), Someone(WAITING), Someone(WAITING)]
    one += [Someone(NO_CARD, "Người lao động"), Someone(DEFERRED), Someone(LEFT), *flawed]
    two = [Someone(DONE), Someone(DONE, "Người lao động"), Someone(NO_CARD, party=True), Someone(WAITING)]
    four = [Someone(DONE, level_2=True), Someone(DONE, party=True), Someone(LEFT, flaw="cccd")]
    return [
        Place("mot", "Bệnh viện Một", "Bệnh viện", 15, one),
        Place("hai", "Bệnh viện Hai", "Bệnh viện", None, two),
        Place("ba", "Trung tâm Ba", "Trung tâm", 5),
        Place("bon", "Trung tâm Bốn", "Trung tâm", 3, four),
    ]


def changed_on_thursday(units: list[Place]) -> None:
    """In the first unit somebody gets done, one is renamed and one who was not done leaves; in the second one who was
    done leaves and somebody comes; the unit itself gets another name.
    """
    one, two = units[0].people, units[1].people
    one[2] = replace(one[2], kind=DONE)
    one[3] = replace(one[3], name="Nguyễn Thị Tên Mới")
    one[4] = replace(one[4], kind=LEFT)
    two[0] = replace(two[0], kind=LEFT)
    two.append(Someone(WAITING, "Công chức"))
    units[1].name = "Bệnh viện Hai Mươi"


# --- what follows from it, by the rules -------------------------------------------------------------------


def per_cent(part: int, whole: int) -> float | None:
    """Rounded down to one decimal."""
    return part * 1000 // whole / 10 if whole else None


def said(rate: float | None) -> str:
    """As texts write it."""
    return "–" if rate is None else "100\u00a0%" if rate == 100 else f"{rate:.1f}\u00a0%".replace(".", ",")


def in_cell(rate: float | None) -> Cell:
    return None if rate is None else round(rate / 100, 4)


class Sums(Struct, frozen=True):
    """The numbers of a unit, or of several together."""

    units: int = 0
    rows: int = 0
    out_of_scope: int = 0
    in_scope: int = 0
    deferred: int = 0
    done: int = 0
    errors: int = 0
    card: int = 0
    account: int = 0
    level_2: int = 0
    of_unknown_size: int = 0
    """Units of which nobody knows how many people they have."""

    @property
    def counted(self) -> int:
        return self.in_scope - self.deferred

    @property
    def left(self) -> int:
        return self.counted - self.done

    @property
    def at_least(self) -> str:
        return f"ít nhất {self.left}" if self.of_unknown_size else str(self.left)

    @property
    def in_table(self) -> int | str:
        if self.of_unknown_size:
            return f"≥{self.left}" if self.left else "chưa rõ"
        return self.left

    @property
    def rate(self) -> float | None:
        return per_cent(self.done, self.counted)

    @property
    def strict(self) -> float | None:
        return per_cent(self.done, self.in_scope)


def sums_of(unit: Place, off: str) -> Sums:
    stands = [(each, each.status(off)) for each in unit.people]
    status = Counter(where for _, where in stands)
    here = len(stands) - status[LEFT]
    sound = [each for each, where in stands if where not in (LEFT, WRONG)]
    return Sums(
        units=1,
        rows=len(stands),
        out_of_scope=status[LEFT],
        in_scope=max((unit.headcount or 0) - status[LEFT], here),
        deferred=status[DEFERRED],
        done=status[DONE],
        errors=sum(each.has_error(off) for each in unit.people),
        card=sum(each.kind != NO_CARD for each in sound),
        account=sum(each.kind == DONE for each in sound),
        level_2=sum(each.kind == DONE and each.level_2 for each in sound),
        of_unknown_size=int(unit.headcount is None),
    )


def together(several: Iterable[Sums]) -> Sums:
    several = list(several)
    return Sums(**{name: sum(getattr(each, name) for each in several) for name in Sums.__struct_fields__})


def entered(people: Iterable[Someone], off: str) -> Sums:
    """Of people of the lists, those in scope."""
    status = Counter(each.status(off) for each in people)
    return Sums(in_scope=status.total() - status[LEFT], deferred=status[DEFERRED], done=status[DONE])


class Expected(Struct, frozen=True):
    """Every figure of the campaign, with the column `off` not collected."""

    places: Sequence[Place]
    off: str

    @property
    def units(self) -> Mapping[str, Sums]:
        return {unit.name: sums_of(unit, self.off) for unit in self.places}

    @property
    def all(self) -> Sums:
        return together(self.units.values())

    @property
    def groups(self) -> Mapping[str, Sums]:
        names = dict.fromkeys(unit.group for unit in self.places)
        return {name: together(sums_of(unit, self.off) for unit in self.places if unit.group == name) for name in names}

    @property
    def people(self) -> Sequence[Someone]:
        return [each for unit in self.places for each in unit.people]

    @property
    def categories(self) -> Mapping[str, Sums]:
        """The lines of the block, those of nobody too."""
        if self.off == "doi-tuong":
            return {}
        listed = {name: [each for each in self.people if self._category(each) == name] for name in (*CATEGORIES, "")}
        return {name or NO_CATEGORY: entered(members, self.off) for name, members in listed.items()}

    @property
    def party_line(self) -> str:
        """In which of nothing, where nobody has a category."""
        return "Đảng viên" if self.off == "doi-tuong" else "Trong đó: Đảng viên"

    @staticmethod
    def _category(each: Someone) -> str:
        return "" if each.flaw == "doi-tuong" else each.category

    @property
    def party(self) -> Sums | None:
        if self.off == "dang-vien":
            return None
        return entered((each for each in self.people if each.party and each.flaw != "dang-vien"), self.off)

    @property
    def statuses(self) -> Mapping[str, int]:
        return Counter(each.status(self.off) for each in self.people)

    @property
    def not_entered(self) -> int:
        """Declared people who are in no list: nobody of them can be deferred or done."""
        return sum(max(0, (unit.headcount or 0) - len(unit.people)) for unit in self.places)

    @property
    def ranking(self) -> Sequence[str]:
        """Names by rate, then by the alphabet; no two here differ by an accent alone."""
        return sorted(self.units, key=lambda name: (-(self.units[name].rate or 0), name))


# --- the campaign, played ---------------------------------------------------------------------------------


class Shown(Struct, frozen=True):
    """What a cycle on Thursday left behind."""

    expected: Expected
    book: MemoryWorkbook
    store: MemoryStore
    report: CycleReport
    mails: Sequence[Mail]
    thanks: Sequence[Mail]
    """Those of Wednesday."""
    newly_done: Mapping[str, int]

    @property
    def summary(self) -> Mail:
        return next(mail for mail in self.mails if mail.kind == "tong-hop")

    def attached(self, ending: str) -> io.BytesIO:
        return io.BytesIO(next(each.content for each in self.summary.attachments if each.filename.endswith(ending)))


def fill(book: MemoryWorkbook, units: Sequence[Place], headers: Sequence[str]) -> None:
    numbers = iter(range(1, 1000))
    for unit in units:
        lines = [[each.cells(next(numbers)).get(header) for header in headers] for each in unit.people]
        book.replace_rows(unit.code, [[], [], list(headers), *lines])
    book.replace_rows(tabs.REGISTRY, registry_rows(units))


def registry_rows(units: Sequence[Place]) -> list[Row]:
    headers = [*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED]
    lines = [
        {
            **unit_line(unit.code, headcount=unit.headcount),
            "Tên đơn vị": unit.name,
            "Nhóm": unit.group,
            "Email đầu mối": f"{unit.code}@example.org",
        }
        for unit in units
    ]
    return [headers, *([line.get(header) for header in headers] for line in lines)]


def _begun(units: Sequence[Place], off: str = "") -> tuple[MemoryWorkbook, MemoryStore, Sequence[str]]:
    """A workbook before its first cycle, an empty store, the headers of its lists."""
    tables = dict(default_tables())
    if off:
        tables[tabs.FIELDS] = table_with(tabs.FIELDS, ("Mã", off), Dùng="Không")
    tables[tabs.SETTINGS] = table_with(tabs.SETTINGS, ("Mục", "Chế độ gửi thư"), **{"Giá trị": "Thật"})
    empty: dict[str, Sequence[Row]] = {tabs.DASHBOARD: [], tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]]}
    empty |= {tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]], **{unit.code: [] for unit in units}}
    book = MemoryWorkbook({**tables, **empty})
    headers = headers_of(config_with([unit_line(unit.code) for unit in units]))
    fill(book, units, headers)
    return book, MemoryStore(), headers


def play(off: str) -> Shown:
    units = typed_on_wednesday()
    book, store, headers = _begun(units, off)
    _, sent = cycle(book, store, WEDNESDAY)
    thanks = [mail for mail in sent if mail.kind == "cam-on"]
    before = {unit.code: sums_of(unit, off).done for unit in units}
    changed_on_thursday(units)
    retype(book, units, headers)
    report, mails = cycle(book, store, THURSDAY)
    assert as_json(check(book, store, standing_clock(THURSDAY)), "check")["units"] == as_json(report, "run")["units"]
    newly_done = {unit.name: max(0, sums_of(unit, off).done - before[unit.code]) for unit in units}
    return Shown(Expected(units, off), book, store, report, mails, thanks, newly_done)


def retype(book: MemoryWorkbook, units: Sequence[Place], headers: Sequence[str]) -> None:
    """Into the rows that are there: the columns of the bot stay as they are."""
    numbers = iter(range(1, 1000))
    for unit in units:
        for row, each in enumerate(unit.people, FIRST_ROW):
            cells = each.cells(next(numbers))
            for column, header in enumerate(headers, 1):
                if header in cells or header in ("Miễn, hoãn", "Hoãn đến ngày", "Khó khăn, vướng mắc"):
                    book.type(unit.code, row, column, cells.get(header))
    for row, unit in enumerate(units, 2):
        book.type(tabs.REGISTRY, row, 2, unit.name)


def cycle(book: MemoryWorkbook, store: MemoryStore, at: datetime) -> tuple[CycleReport, Sequence[Mail]]:
    transport = RecordingTransport()
    report = run_cycle(book, store, Mailing(MailWriter(attach=ATTACHMENTS), transport), standing_clock(at))
    return report, transport.sent


OFF = ["", "dang-vien", "doi-tuong", "cccd", "ngay-sinh"]
QUICK = {"", "dang-vien"}


@pytest.fixture(
    scope="module", params=[each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in OFF]
)
def shown(request: pytest.FixtureRequest) -> Shown:
    return play(request.param)


# --- where it is shown ------------------------------------------------------------------------------------


def test_the_expectation_is_of_an_eventful_campaign() -> None:
    """By hand: 15 declared, two left; of the 13, one is deferred, three are done, four are wrong, one waits."""
    units = typed_on_wednesday()
    changed_on_thursday(units)
    first = sums_of(units[0], "")
    assert (first.in_scope, first.deferred, first.done, first.left, first.rate, first.errors) == (13, 1, 3, 9, 25.0, 4)
    assert sums_of(units[0], "cccd").done == 4
    assert sums_of(units[1], "") == Sums(1, 5, 1, 4, 0, 1, 0, 3, 1, 0, 1)
    assert Expected(units, "").not_entered == 4 + 5


def test_json(shown: Shown) -> None:
    found, expected = as_json(shown.report, "run"), shown.expected
    for unit in expected.places:
        line = next(each for each in found["units"] if each["code"] == unit.code)
        assert (line["name"], line["headcount"]) == (unit.name, unit.headcount)
        assert _numbers_of(line) == _as_json(expected.units[unit.name])
        assert {code: n for code, n in line["statuses"].items() if n} == Counter(
            each.status(expected.off) for each in unit.people
        )
    assert found["total"]["units"] == len(expected.places)
    assert _numbers_of(found["total"] | {"out_of_scope": expected.all.out_of_scope}) == _as_json(expected.all)
    assert {code: n for code, n in found["total"]["statuses"].items() if n} == expected.statuses


def _numbers_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    keys = ("rows", "out_of_scope", "in_scope", "deferred", "done", "rate", "strict_rate", "errors")
    return tuple(line[key] for key in keys)


def _as_json(of: Sums) -> tuple[Any, ...]:
    return of.rows, of.out_of_scope, of.in_scope, of.deferred, of.done, of.rate, of.strict, of.errors


def test_the_registry(shown: Shown) -> None:
    headers, *lines = shown.book.rows(tabs.REGISTRY)
    for line in lines:
        cells = dict(zip(map(str, headers), line, strict=False))
        of = shown.expected.units[str(cells["Tên đơn vị"])]
        wanted = (of.rows, of.done, in_cell(of.rate), of.errors, of.out_of_scope, of.deferred)
        columns = ("Đã nhập", "Hoàn thành", "Tỷ lệ", "Cần sửa", "Ngoài diện", "Hoãn")
        assert tuple(cells[column] for column in columns) == wanted


def bar_of(rate: float | None) -> str:
    """Ten pieces in line 1, as many of them full as tenths are reached, one where anybody is done."""
    full = 0 if not rate else max(int(rate // 10), 1)
    return "" if rate is None else "█" * full + "░" * (10 - full) + " "


def test_line_1_of_each_units_tab(shown: Shown) -> None:
    for unit in shown.expected.places:
        of = shown.expected.units[unit.name]
        rate = f"Hoàn thành {bar_of(of.rate)}{said(of.rate)} ({of.done}/{of.counted} người)"
        figures = f"còn {of.at_least} người · {of.errors} dòng cần sửa"
        expected = figures if unit.people else "nhập người đầu tiên ở dòng 4, ô vàng là bắt buộc"
        assert str(shown.book.cell(unit.code, 1, 1)).startswith(f"{unit.name} · {rate} · {expected}")


def test_the_dashboard(shown: Shown) -> None:
    blocks, expected = _blocks(shown.book.rows(tabs.DASHBOARD)), shown.expected
    whole = expected.all
    said_whole = f"Đã hoàn thành {said(whole.rate)} ({whole.done}/{whole.counted} người), còn {whole.at_least} người"
    assert any(str(cell).startswith(said_whole) for line in shown.book.rows(tabs.DASHBOARD) for cell in line)
    overall = blocks["TOÀN NGÀNH"]
    assert overall["Người phải thực hiện"][:6] == [whole.units, *_line(whole), whole.errors]
    assert overall["Tính cả người tạm hoãn"][1:5] == [whole.in_scope, whole.done, None, said(whole.strict)]
    for label, part in _parts(whole).items():
        assert overall[label][1:5] == [whole.in_scope, part, None, said(per_cent(part, whole.in_scope))], label
    assert [overall[label][1] for label in ("Số dòng đã nhập", "Người tạm hoãn", "Người không thuộc đối tượng")] == [
        whole.rows,
        whole.deferred,
        whole.out_of_scope,
    ]
    funnel = {label: line[1] for label, line in blocks["THEO KẾT QUẢ"].items() if line[1]}
    assert funnel == _funnel(expected)
    for name, of in expected.groups.items():
        assert blocks["THEO NHÓM ĐƠN VỊ"][name][:6] == [of.units, *_line(of), of.errors]
    _check_categories(
        {label: line[1:5] for label, line in blocks["THEO ĐỐI TƯỢNG (đã nhập)"].items()}, expected, _line, everyone=True
    )
    assert list(blocks["XẾP HẠNG ĐƠN VỊ"]) == expected.ranking
    for name, of in expected.units.items():
        assert blocks["XẾP HẠNG ĐƠN VỊ"][name][1:6] == [*_line(of), of.errors]


def _blocks(rows: Sequence[Row]) -> dict[str, dict[str, list[Cell]]]:
    """Title of a block -> label of a line -> its cells from column B on."""
    blocks: dict[str, dict[str, list[Cell]]] = {}
    block: dict[str, list[Cell]] = {}
    for label, *cells in (list(row) + [None] * 8 for row in rows if row and row[0]):
        title = re.match(r"[A-ZĐÀ-Ỹ ]{6,}", str(label))
        block = blocks.setdefault(str(label), {}) if title else block
        if not title:
            block[str(label)] = [cell.lstrip("✔●▼ ") if isinstance(cell, str) else cell for cell in cells[:7]]
    return blocks


def _line(of: Sums) -> list[Cell]:
    return [of.counted, of.done, of.in_table, said(of.rate)]


def _parts(of: Sums) -> Mapping[str, int]:
    return {
        "Đã làm thẻ gắn chíp": of.card,
        "Đã kích hoạt, đăng nhập": of.account,
        "Đã kích hoạt, đăng nhập Mức 2": of.level_2,
    }


def _funnel(expected: Expected) -> dict[str, int]:
    people = {LABELS[status]: expected.statuses[status] for status in LABELS} | {NOT_ENTERED: expected.not_entered}
    return {label: number for label, number in people.items() if number}


def _check_categories(
    found: Mapping[str, Any], expected: Expected, line: Callable[[Sums], Any], *, everyone: bool
) -> None:
    """The lines of the block, and no others; `everyone`: those of nobody too."""
    wanted = {name: of for name, of in expected.categories.items() if everyone or of.in_scope}
    if expected.party is not None:
        wanted[expected.party_line] = expected.party
    assert dict(found) == {name: line(of) for name, of in wanted.items()}


def test_the_screen(shown: Shown) -> None:
    console = Console(file=io.StringIO(), width=160)
    print_report(shown.report, console)
    assert isinstance(console.file, io.StringIO)
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in console.file.getvalue().splitlines()]
    found = {line[0]: line[1:4] for line in lines if line}
    whole = f"{ALL} ({len(shown.expected.places)} đơn vị)"
    wanted = {**shown.expected.units, whole: shown.expected.all}
    assert found == {name: [said(of.rate), of.at_least, str(of.errors)] for name, of in wanted.items()}
    assert [name for name in found if name in shown.expected.units] == shown.expected.ranking


def test_the_mails_to_the_units(shown: Shown) -> None:
    mails = {mail.unit: mail for mail in shown.mails if mail.unit}
    expected = shown.expected
    thanked = [unit for unit in expected.places if expected.units[unit.name].rate == 100]
    assert set(mails) == {unit.code for unit in expected.places if unit not in thanked}
    assert [unit.code for unit in thanked] == [mail.unit for mail in shown.thanks]
    for unit, thanks in zip(thanked, shown.thanks, strict=True):
        errors, text = expected.units[unit.name].errors, on_one_line(thanks.text)
        assert (f"còn {errors} dòng cần sửa, không ảnh hưởng đến tỷ lệ" in text) == bool(errors)
        asked = bool(errors) or "Đề nghị khai báo" in text or "dòng có cảnh báo" in text
        assert ("không cần làm gì thêm" in text) == (not asked)
    for unit in (unit for unit in expected.places if unit not in thanked):
        of, text = expected.units[unit.name], on_one_line(mails[unit.code].text)
        deferred = f"; tạm hoãn {of.deferred} người" if of.deferred else ""
        rate = f"Tỷ lệ: {said(of.rate)}, còn {of.at_least} người ({of.done}/{of.counted} người hoàn thành{deferred})."
        assert on_one_line(rate) in text
        few, a_day = (
            f"{of.at_least} người trong 6,8 ngày làm việc",
            f"{of.at_least.removesuffix(str(of.left))}{a_tenth_up(of.left, AT_NINE)} người mỗi ngày làm việc",
        )
        assert f"cần: {few if of.left < AT_NINE else a_day}" in text
        wrong = sum(each.status(expected.off) == WRONG for each in unit.people)
        assert (f"CẦN SỬA DỮ LIỆU: {wrong} NGƯỜI" in text) == bool(wrong)
        missing = max(0, (unit.headcount or 0) - len(unit.people))
        assert (f"CHƯA CÓ TRONG DANH SÁCH: {missing} NGƯỜI" in text) == bool(missing)
        for status in (WAITING, NO_CARD):
            people = sum(each.status(expected.off) == status for each in unit.people)
            assert (f"{LABELS[status]}: {people} người" in text) == bool(people)


def a_tenth_up(people: int, days: Fraction) -> str:
    """People a day, rounded up: "2" or "1,5"."""
    whole, tenths = divmod(-(-10 * people // days), 10)
    return f"{whole},{tenths}" if tenths else str(whole)


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_summary(shown: Shown) -> None:
    whole, expected, text = shown.expected.all, shown.expected, on_one_line(shown.summary.text)
    said_rate = on_one_line(said(whole.rate))
    assert on_one_line(shown.summary.subject).startswith(
        f"[Tổng hợp] {said_rate} hoàn thành, còn {whole.at_least} người"
    )
    assert (
        f"4 đơn vị có {whole.done}/{whole.counted} người hoàn thành, đạt {said_rate}; còn {whole.at_least} người"
        in text
    )
    assert f"còn {whole.at_least} người (1 đơn vị chưa khai tổng số người)" in text
    assert on_one_line(f"tạm hoãn: {said(whole.strict)} (tạm hoãn {whole.deferred} người)") in text
    for label, people in _parts(whole).items():
        assert on_one_line(f"{label}: {people} người ({said(per_cent(people, whole.in_scope))})") in text
    for label, number in _funnel(expected).items():
        assert re.search(rf"\b{number} {re.escape(label)}", text)
    ranked = {f"{_rank(expected, name)}. {name}": of for name, of in expected.units.items()}
    lists = [expected.groups, {name: of for name, of in expected.categories.items() if of.in_scope}, ranked]
    for name, of in (each for several in lists for each in several.items()):
        assert on_one_line(f"{said(of.rate)} còn {of.at_least} người {name}") in text
    assert (f" {expected.party_line}" in text) == (expected.party is not None)
    assert f"DỮ LIỆU CẦN SỬA: {whole.errors} DÒNG" in text
    held_back = f"Trong đó {expected.statuses[WRONG]} người chỉ được tính là hoàn thành khi đã sửa"
    assert (held_back in text) == (expected.statuses[WRONG] != whole.errors)
    gained = "; ".join(f"{name} ({number})" for name, number in shown.newly_done.items() if number)
    assert f"từ bản tổng hợp lúc {WEDNESDAY:%H:%M} ngày 19/04/2023: {gained}." in text


def _rank(expected: Expected, name: str) -> int:
    rates = [of.rate or 0 for of in expected.units.values()]
    return sum(rate > (expected.units[name].rate or 0) for rate in rates) + 1


def test_the_tables(shown: Shown) -> None:
    book, expected, whole = load_workbook(shown.attached(".xlsx")), shown.expected, shown.expected.all
    units = {line["Đơn vị"]: line for line in _lines(book["Đơn vị"])}
    assert set(units) == {*expected.units, ALL}
    for name, of in {**expected.units, ALL: whole}.items():
        assert _xlsx(units[name]) == (of.in_scope, of.deferred, of.done, of.left, in_cell(of.rate))
        other = ("Dòng đã nhập", "Ngoài diện", "Tỷ lệ tính cả tạm hoãn", "Dòng có lỗi", *_parts(of))
        assert tuple(units[name][column] for column in other) == (
            of.rows,
            of.out_of_scope,
            in_cell(of.strict),
            of.errors,
            *_parts(of).values(),
        )
    funnel = {line["Kết quả"]: line for line in _lines(book["Bước"])}
    everybody = sum(_funnel(expected).values())
    assert {label: line["Số người"] for label, line in funnel.items()} == {**_funnel(expected), "Cộng": everybody}
    for label, number in _funnel(expected).items():
        assert funnel[label]["Tỷ trọng"] == in_cell(per_cent(number, everybody))
    groups = {line["Nhóm"]: _xlsx(line) for line in _lines(book["Nhóm"])}
    assert groups == {name: _expected_xlsx(of) for name, of in {**expected.groups, ALL: whole}.items()}
    categories = {line["Đối tượng"]: _xlsx(line) for line in _lines(book["Đối tượng"])}
    _check_categories(categories, expected, _expected_xlsx, everyone=False)
    gained = {line["Đơn vị"]: line["Còn đến chỉ tiêu"] for line in _lines(book["Dự báo"])}
    assert gained == {name: of.left for name, of in {**expected.units, ALL: whole}.items()}
    assert _lines(book["Xu hướng"])[-1]["Hoàn thành"] == whole.done


def _lines(sheet: Any) -> list[dict[str, Any]]:
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines if any(cell is not None for cell in line)]


def _xlsx(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[column] for column in ("Thuộc đối tượng", "Tạm hoãn", "Hoàn thành", "Còn lại", "Tỷ lệ"))


def _expected_xlsx(of: Sums) -> tuple[Any, ...]:
    return of.in_scope, of.deferred, of.done, of.left, in_cell(of.rate)


def test_the_report(shown: Shown) -> None:
    document, expected, whole = Document(shown.attached(".docx")), shown.expected, shown.expected.all
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert f"{whole.in_scope} người, trong đó {whole.deferred} người tạm hoãn" in text
    assert f"là {whole.done}/{whole.counted} người, đạt {said(whole.rate)}" in text
    unsure = "(1 đơn vị chưa khai tổng số người)"
    assert f"còn {whole.at_least} người chưa hoàn thành {unsure}. Tính cả" in text
    assert f"Tính cả người tạm hoãn, tỷ lệ là {said(whole.strict)}." in text
    for people in _parts(whole).values():
        assert f"{people} người ({said(per_cent(people, whole.in_scope))})" in text
    held_back = f"trong đó {expected.statuses[WRONG]} người thuộc đối tượng chỉ được tính là hoàn thành khi đã sửa"
    assert (
        f"còn {whole.errors} người có thông tin cần sửa trong danh sách của các đơn vị; {held_back}" in text
        or not whole.errors
    )
    assert f"Còn {expected.not_entered} người đã khai báo" in text
    tables = dict(_tables(document))
    everybody = sum(_funnel(expected).values())
    funnel = {line[0]: line[1:] for line in tables["Kết quả"]}
    assert funnel.pop("Cộng")[0] == str(everybody)
    assert funnel == {
        label: [str(number), said(per_cent(number, everybody))] for label, number in _funnel(expected).items()
    }
    groups = {line[0]: line[1:] for line in tables["Nhóm"]}
    assert groups == {name: [str(of.units), *_docx(of)] for name, of in {**expected.groups, ALL: whole}.items()}
    _check_categories({line[0]: line[1:] for line in tables.get("Đối tượng", ())}, expected, _docx, everyone=False)
    units = {line[1]: line[2:10] for line in tables["TT"]}
    assert units == {
        name: [*_docx(of), *map(str, (of.card, of.account, of.level_2))]
        for name, of in {**expected.units, ALL: whole}.items()
    }


def _tables(document: Any) -> Iterator[tuple[str, list[list[str]]]]:
    for table in document.tables:
        header, *lines = [[cell.text for cell in row.cells] for row in table.rows]
        yield header[0], lines


def _docx(of: Sums) -> list[str]:
    return [*map(str, (of.in_scope, of.deferred, of.done, of.in_table)), said(of.rate)]


def test_of_a_unit_of_unknown_size_at_least_so_many_are_left() -> None:
    """Wherever it is named; and one of which nothing is known yet is not told as one that will be in time."""
    book, store, _ = _begun([Place("mot", "Bệnh viện Một", "Bệnh viện", None, [Someone(DONE), Someone(WAITING)])])
    _, mails = cycle(book, store, WEDNESDAY)
    summary = next(mail for mail in mails if mail.kind == "tong-hop")
    beside = {cell for row in book.rows(tabs.DASHBOARD) for cell in row if cell}
    report = next(each.content for each in summary.attachments if each.filename.endswith(".docx"))
    said = (on_one_line(summary.text), "\n".join(each.text for each in Document(io.BytesIO(report)).paragraphs))
    assert all("Còn nhiều người chưa hoàn thành nhất: Bệnh viện Một (ít nhất 1)." in each for each in said)
    assert "số người còn lại đến chỉ tiêu): Bệnh viện Một (ít nhất 1); cần ít nhất 3 ngày" in said[0]
    assert {"Chưa khai tổng số người: còn ít nhất 1 người", "1 đơn vị chưa đủ số liệu"} <= beside
    assert "Chưa thấy đơn vị nào" not in beside


def test_where_nobody_knows_how_many_there_are_nothing_is_reached() -> None:
    """All who are entered are through: no report says so of the unit or of all together."""
    book, store, _ = _begun([Place("mot", "Bệnh viện Một", "Bệnh viện", None, [Someone(DONE)])])
    report, mails = cycle(book, store, WEDNESDAY)
    assert report.judged is not None
    figures = summary_figures(report.judged)
    summary = on_one_line(next(mail.text for mail in mails if mail.kind == "tong-hop"))
    assert figures.reached == ()
    assert figures.units[0].forecast.outlook is Outlook.UNSURE
    assert (figures.forecast.outlook, figures.forecast.without_data) == (Outlook.TOO_LITTLE_DATA, 1)
    assert "chưa rõ còn bao nhiêu người chưa nhập (1 đơn vị): Bệnh viện Một." in summary
    assert (
        "Cần kiểm tra số liệu (1 đơn vị, số người còn lại đến chỉ tiêu theo số liệu gần nhất): Bệnh viện Một (chưa rõ)."
        in summary
    )
    assert "Đã đạt chỉ tiêu" not in summary


def test_the_dashboard_forecasts_what_the_summary_does() -> None:
    """In the morning of the fourth day three working days have passed, as of the looks of the days before."""
    two = Place("hai", "Bệnh viện Hai", "Bệnh viện", 4, [Someone(WAITING)] * 4)
    book, store, headers = _begun([Place("mot", "Bệnh viện Một", "Bệnh viện", 1, [Someone(WAITING)]), two])
    for day in range(17, 21):
        _, mails = cycle(book, store, datetime(2023, 4, day, 8, 0))
        two.people[:] = [Someone(DONE)] * (day - 16) + [Someone(WAITING)] * (20 - day)
        retype(book, [two], headers)
    summary = on_one_line(next(mail.text for mail in mails if mail.kind == "tong-hop"))
    shown = [str(row[0]) for row in book.rows(tabs.DASHBOARD)[:3]]
    beside = [cell for row in book.rows(tabs.DASHBOARD) for cell in row if cell]
    assert "1 đơn vị chưa có tiến triển: chưa thể dự báo ngày đạt 100 %; đến hạn ước đạt 80,0 %" in summary
    assert shown[2].endswith("1 đơn vị chưa dự báo được ngày đạt; theo tốc độ hiện nay, đến hạn ước đạt 80,0\u00a0%")
    assert "1 đơn vị chưa có tiến triển" in beside


@pytest.mark.slow
def test_a_unit_that_cannot_be_read_stays_in_every_table() -> None:
    """Its last figures are in the totals, so they are in each table beside them."""
    shown = play("")
    before = _tables_of_all(shown)
    assert before["dashboard", "THEO ĐỐI TƯỢNG (đã nhập)"]
    assert all(before["xlsx", name] for name in ("Khó khăn", "Lỗi dữ liệu"))
    assert before["docx", "Khó khăn, vướng mắc"]
    shown.book.delete_tab("mot")
    report, mails = cycle(shown.book, shown.store, FRIDAY)
    said = on_one_line(next(mail.text for mail in mails if mail.kind == "tong-hop"))
    assert "Không đọc được trang tính (1 đơn vị): Bệnh viện Một" in said
    not_compared = "Số định danh của các đơn vị không đọc được trang tính chưa được đối chiếu với các đơn vị khác."
    assert not_compared in said
    mails = [replace(mail, text=re.sub(r"\nSố định danh của các[^.]*\.\n\n", "", mail.text)) for mail in mails]
    assert _tables_of_all(replace(shown, report=report, mails=mails)) == before


def test_a_list_that_was_removed_is_told_as_that_and_its_last_figures_stay() -> None:
    shown = play("")
    before = _tables_of_all(shown)
    rows = shown.book.rows("mot")
    top = next(number for number, row in enumerate(rows) if "Họ và tên" in row) + 1
    shown.book.replace_rows("mot", [*rows[:top], [emptied_line("lúc 08:00 20/04/2023")]])
    report, mails = cycle(shown.book, shown.store, FRIDAY)
    said = on_one_line(next(mail.text for mail in mails if mail.kind == "tong-hop"))
    assert "- Danh sách đã xóa theo yêu cầu (1 đơn vị): Bệnh viện Một (số liệu lúc" in said
    assert "không đọc được" not in said.lower()
    for title in (tabs.DASHBOARD, tabs.REGISTRY):
        notes = " ".join(cell for row in shown.book.rows(title) for cell in row if isinstance(cell, str))
        assert "Danh sách đã xóa; số liệu lúc" in notes
        assert "Chưa đọc được" not in notes
    assert _tables_of_all(replace(shown, report=report, mails=mails)) == before


def _tables_of_all(shown: Shown) -> dict[tuple[str, str], object]:
    """Every table that tells of all units together, by place and name."""
    blocks = _blocks(shown.book.rows(tabs.DASHBOARD))
    found: dict[tuple[str, str], object] = {
        ("dashboard", name): lines for name, lines in blocks.items() if name.startswith("THEO")
    }
    book = load_workbook(shown.attached(".xlsx"))
    found |= {("xlsx", name): _lines(book[name]) for name in ("Bước", "Nhóm", "Đối tượng", "Khó khăn", "Lỗi dữ liệu")}
    found |= {("docx", name): lines for name, lines in _tables(Document(shown.attached(".docx"))) if name != "TT"}
    mail = re.split(r"\n(?=\d\. [A-ZĐÀ-Ỹ ]{5,})", shown.summary.text)
    return found | {("mail", part[:2]): part.strip() for part in mail if part[:2] in ("1.", "2.", "3.", "6.", "7.")}
