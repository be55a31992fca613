"""Units with a spreadsheet of their own: read and written with the shared one, failing for themselves alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Budget, Throttle
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.errors import Failed
from automation.adapters.google.api.session import Answer, BoundedSession, bucket_of
from automation.adapters.google.api.sheets import GoogleApi, read_emulator_host
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.init import SetUpReport, set_up
from automation.app.lists.importing import ImportRequest, import_lists
from automation.core.config import tabs
from automation.core.config.identity import CodesOfOneTab, codes_of
from automation.core.model.workbook import AnchorCodes, Cell
from automation.core.writing.dashboard_lines import TARGET_COLUMN
from tests.emulator import Emulator, Fault, Spreadsheet
from tests.examples import cross_section
from tests.fakes_store import MemoryStore
from tests.workbooks import SOUND

AT = datetime(2023, 4, 20, 8, 0)
RESULT = 1
FIRST = 4


class OwnTime(threading.local):
    """A clock that only moves when somebody waits, for each thread its own."""

    now = 1000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Hang(Struct):
    """Spreadsheets that do not answer."""

    spreadsheets: Sequence[str] = ()
    bucket: str = ""
    """Whether it is read or written then."""
    waited: list[float] = field(default_factory=list)
    """The seconds, for each answer that never came."""

    def holds(self, method: str, endpoint: str) -> bool:
        bucket = bucket_of(method, endpoint)
        return (
            bucket is not None
            and bucket.value == self.bucket
            and any(f"/{each}" in endpoint for each in self.spreadsheets)
        )


class Impatient(BoundedSession):
    """Gives up after a moment where no answer is to come; by the clock it has waited as long as it was to."""

    def __init__(self, emulator: Emulator, time: OwnTime, hang: Hang) -> None:
        super().__init__(Account(), read_emulator_host(emulator.host), clock=time.clock)
        self._time = time
        self._hang = hang

    def ask(self, method: str, url: str, seconds: float, **content: Any) -> Answer:
        if not self._hang.holds(method, url):
            return super().ask(method, url, seconds, **content)
        try:
            return super().ask(method, url, 0.2, **content)
        except Failed:
            self._hang.waited.append(seconds)
            self._time.sleep(seconds)
            raise


class Place:
    """A shared spreadsheet, two of units, and the bot."""

    def __init__(self, emulator: Emulator, folder: Path, own: Sequence[str] = ("hai", "ba")) -> None:
        self.emulator = emulator
        self.folder = folder
        self.shared = emulator.new_spreadsheet()
        self.own = {unit: emulator.new_spreadsheet() for unit in own}
        self.store = MemoryStore()
        self.time = OwnTime()
        self.hang = Hang()
        self.seconds = 1_000_000.0
        """Since 1970, for the bot."""

    def book(self, codes: AnchorCodes = codes_of) -> GoogleSpreadsheets:
        throttle = Throttle(self.time.clock, self.time.sleep)
        session = Impatient(self.emulator, self.time, self.hang)
        api = GoogleApi(GoogleClient(session, Budget(throttle), throttle))
        address = SpreadsheetAddress(self.shared.id, self.shared.url)
        return open_spreadsheets(api, address, self.folder, codes, clock=lambda: self.seconds, pause=lambda _: None)

    def init(self) -> SetUpReport:
        addresses = {"mot": "", **{unit: sheet.url for unit, sheet in self.own.items()}}
        lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},3,{address}" for unit, address in addresses.items()]
        units = self.folder / "units.csv"
        units.write_text("\n".join(["Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Bảng tính", *lines]), "utf-8")
        return set_up(self.book(), units)

    def cycle(self) -> CycleReport:
        return run_cycle(self.book(), self.store, None, standing_clock(AT))

    def sheet_of(self, unit: str) -> Spreadsheet:
        return self.own.get(unit, self.shared)

    def person_typed(self, unit: str, **changed: Cell) -> None:
        sheet = self.sheet_of(unit)
        headers = sheet.rows(unit)[2]
        person = SOUND | changed
        sheet.human.paste(
            unit, FIRST, RESULT + 1, [[person.get(str(header)) for header in headers[RESULT:18]]], plain=True
        )

    def result(self, unit: str) -> Any:
        return self.sheet_of(unit).cell(unit, FIRST, RESULT)

    def results(self) -> dict[str, Any]:
        return {unit: self.result(unit) for unit in ("mot", "hai", "ba")}

    def let_hang(self, units: Sequence[str]) -> None:
        """Those do not answer any more; nobody else does so."""
        ids = [self.own[unit].id for unit in units]
        self.hang = Hang(ids, "read")
        self.emulator.forget_plans()
        self.emulator.fail(lambda record: record.spreadsheet_id in ids and record.bucket == "read", Fault.HANG, 999)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Emulator() as emulator:
        place = Place(emulator, tmp_path)
        report = place.init()
        assert report.problems == ()
        for number, unit in enumerate(("mot", "hai", "ba")):
            place.person_typed(unit, **{"Họ và tên": f"Trần Văn {unit}", "Số CCCD": f"07908500000{number}"})
        yield place


def problems(report: CycleReport) -> list[str]:
    return [problem.where for problem in report.problems if problem.needs_person]


def test_init_draws_the_tabs_of_units_where_they_belong(place: Place) -> None:
    assert set(place.shared.titles()) == {*tabs.BOT_TABS, "mot"}
    assert [place.own[unit].titles() for unit in ("hai", "ba")] == [["hai"], ["ba"]]
    dropdown = place.own["hai"].look("hai", FIRST, 5).validation
    assert dropdown is not None
    assert dropdown["condition"]["type"] == "ONE_OF_LIST"


def test_every_tab_of_a_unit_is_opened_from_the_shared_spreadsheet_and_leads_back(place: Place) -> None:
    place.cycle()
    shared = place.shared
    spreadsheet = f"https://docs.google.com/spreadsheets/d/{shared.id}/edit"
    back = [f"{spreadsheet}#gid={shared.sheet_id(title)}&range=A1" for title in (tabs.GUIDE, tabs.DASHBOARD)]
    assert links_in(place.own["hai"], "hai", 1) == back
    registry = [links_in(shared, tabs.REGISTRY, row) for row in (4, 5, 6)]
    own = [place.own[unit].url for unit in ("hai", "ba")]
    assert registry == [[f"#gid={shared.sheet_id('mot')}"], *([url] for url in own)]
    opening = (row for row in shared.rows(tabs.DASHBOARD)[1:] if len(row) >= TARGET_COLUMN)
    ranking = [row for row in opening if row[TARGET_COLUMN - 1] and str(row[0]).startswith("Đơn vị")]
    assert {row[0]: row[TARGET_COLUMN - 1].partition("/d/")[2].partition("/")[0] for row in ranking} == {
        f"Đơn vị {unit}": place.sheet_of(unit).id for unit in ("mot", "hai", "ba")
    }


def links_in(sheet: Spreadsheet, title: str, row: int) -> list[str]:
    """What the cells of that row open."""
    looks = (sheet.look(title, row, column) for column in range(1, 30))
    letters = ((look.format or {}).get("textFormat", {}) for look in looks)
    return [each["link"]["uri"] for each in letters if "link" in each]


def test_a_second_init_writes_nothing(place: Place) -> None:
    place.cycle()
    before = place.emulator.count("write")
    place.init()
    assert place.emulator.count("write") == before


def test_every_unit_gets_its_results_where_its_people_are(place: Place) -> None:
    report = place.cycle()
    assert place.results() == {"mot": "Hoàn thành", "hai": "Hoàn thành", "ba": "Hoàn thành"}
    assert report.judged is not None
    assert report.judged.total.done == 3
    assert problems(report) == []


@pytest.mark.slow
def test_a_mailed_list_is_merged_into_the_spreadsheet_of_its_unit(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = ["Họ và tên,Ngày sinh,Số CCCD,Điện thoại", "Trần Văn hai,,079085000001,0901234567"]
    path.write_text("\n".join([*lines, "Võ Thị Lệ,1/2/1990,079190000009,"]), "utf-8")
    shared = place.shared.rows("mot")
    for wanted in ((1, 1), (0, 0)):
        codes = CodesOfOneTab()
        request = ImportRequest("hai", (path,), applies=True)
        found = import_lists(place.book(codes), place.store, request, standing_clock(AT), codes)
        assert found.plan is not None
        assert (found.applied, (len(found.plan.new), len(found.written))) == (True, wanted)
    rows = place.own["hai"].rows("hai")
    name, phone = rows[2].index("Họ và tên"), rows[2].index("Điện thoại")
    assert [(row[name], row[phone] if len(row) > phone else None) for row in rows[3:]] == [
        ("Trần Văn hai", "0901234567"),
        ("Võ Thị Lệ", None),
    ]
    assert place.shared.rows("mot") == shared


def test_a_quiet_cycle_reads_each_spreadsheet_once_and_writes_nothing(place: Place) -> None:
    place.cycle()
    start = len(place.emulator.journal)
    report = place.cycle()
    journal = place.emulator.journal[start:]
    assert sorted(record.spreadsheet_id for record in journal) == sorted(
        sheet.id for sheet in (place.shared, *place.own.values())
    )
    assert {record.bucket for record in journal} == {"read"}
    assert report.requests.read == 3


def test_an_edit_in_one_costs_one_write_there_and_one_in_the_shared_one(place: Place) -> None:
    place.cycle()
    place.person_typed("ba", **{"Tình trạng tài khoản": "Chưa đăng ký", "Ngày kích hoạt": None})
    start = len(place.emulator.journal)
    place.cycle()
    written = [record.spreadsheet_id for record in place.emulator.journal[start:] if record.bucket == "write"]
    assert written == [place.shared.id, place.own["ba"].id]
    assert place.result("ba") == "Có thẻ, chưa đăng ký"


def unshared(place: Place) -> None:
    place.emulator.unshare(place.own["hai"], "bot@example.org")


def gone(place: Place) -> None:
    place.emulator.delete(place.own["hai"])


def without_headers(place: Place) -> None:
    place.own["hai"].human.delete_rows("hai", 1, 3)


def without_tab(place: Place) -> None:
    place.own["hai"].human.add_tab("khác")
    place.own["hai"].human.delete_tab("hai")


def wrong_address(place: Place) -> None:
    row = next(n for n, line in enumerate(place.shared.rows(tabs.REGISTRY), 1) if line and line[0] == "hai")
    column = place.shared.rows(tabs.REGISTRY)[2].index("Bảng tính") + 1
    place.shared.human.type(tabs.REGISTRY, row, column, "không có đâu")


@pytest.mark.parametrize(
    "trouble", cross_section([unshared, gone, without_headers, without_tab, wrong_address], unshared)
)
def test_one_that_cannot_be_read_is_reported_for_its_unit_only(place: Place, trouble: object) -> None:
    place.cycle()
    assert callable(trouble)
    trouble(place)
    place.person_typed("ba", **{"Tình trạng tài khoản": "Chưa đăng ký", "Ngày kích hoạt": None})
    report = place.cycle()
    assert problems(report) == ["Đơn vị hai, trang “hai”"]
    assert report.judged is not None
    known = {standing.code: (standing.known, standing.done) for standing in report.judged.standings}
    assert known == {"mot": (True, 1), "hai": (False, 1), "ba": (True, 0)}
    assert place.result("ba") == "Có thẻ, chưa đăng ký"


def test_one_that_may_be_read_only_is_reported_and_the_others_go_on(place: Place) -> None:
    place.emulator.share(place.own["hai"], "bot@example.org", "reader")
    place.emulator.fail(
        lambda record: record.spreadsheet_id == place.own["hai"].id and record.bucket == "write", Fault.FORBIDDEN_403, 9
    )
    report = place.cycle()
    assert problems(report) == ["Trang “hai”"]
    assert place.results() == {"mot": "Hoàn thành", "hai": None, "ba": "Hoàn thành"}


HANGING = [("read", "Đơn vị hai, trang “hai”"), ("write", "Trang “hai”")]


@pytest.mark.parametrize(("bucket", "where"), cross_section(HANGING, HANGING[0]))
def test_one_that_hangs_fails_for_its_unit_and_holds_up_the_others_no_longer(
    place: Place, bucket: str, where: str
) -> None:
    place.cycle()
    for number, unit in ((1, "hai"), (2, "ba")):
        changed: dict[str, Cell] = {"Tình trạng tài khoản": "Chưa đăng ký", "Ngày kích hoạt": None}
        place.person_typed(unit, **{"Số CCCD": f"07908500000{number}"}, **changed)
    hai = place.own["hai"].id
    place.hang = Hang([hai], bucket)
    place.emulator.fail(lambda record: (record.spreadsheet_id, record.bucket) == (hai, bucket), Fault.HANG, 99)
    report = place.cycle()
    assert problems(report) == [where]
    assert (place.result("hai"), place.result("ba")) == ("Hoàn thành", "Có thẻ, chưa đăng ký")
    assert place.hang.waited == [30.0]
    place.hang = Hang()
    place.emulator.forget_plans()
    assert problems(place.cycle()) == []
    assert place.result("hai") == "Có thẻ, chưa đăng ký"


MANY = tuple(f"u{number}" for number in range(1, 17))


def unknown(report: CycleReport) -> set[str]:
    assert report.judged is not None
    return {standing.code for standing in report.judged.standings if not standing.known}


@pytest.mark.slow
def test_many_that_hang_cost_a_cycle_no_more_than_it_can_wait(tmp_path: Path) -> None:
    with Emulator() as emulator:
        place = Place(emulator, tmp_path, MANY)
        assert place.init().problems == ()
        place.let_hang(MANY[:15])
        report = place.cycle()
        assert sum(place.hang.waited) == 8 * 30.0 + 7 * 5.0
        assert max(place.hang.waited) == 30.0
        assert min(place.hang.waited) == 5.0
        assert unknown(report) == set(MANY[:15])


@pytest.mark.slow
def test_one_that_goes_on_hanging_is_not_asked_for_a_growing_while(place: Place) -> None:
    place.cycle()
    place.let_hang(["hai"])
    asked = []
    for minutes in (0, 1, 2, 6.1, 7, 17, 20, 40, 41):
        place.seconds = 1_000_000 + 60 * minutes
        before = len(place.hang.waited)
        report = place.cycle()
        asked.append(len(place.hang.waited) > before)
        assert unknown(report) == {"hai"}
    assert asked == [True, True, False, True, False, True, False, True, False]
    rests = [problem.what for problem in report.problems if "hai" in problem.where]
    assert "không trả lời ở 5 lượt liền" in rests[0]


@pytest.mark.slow
def test_one_that_answers_again_is_asked_in_every_cycle(place: Place) -> None:
    place.cycle()
    place.let_hang(["hai"])
    for _ in range(3):
        place.cycle()
    place.let_hang([])
    assert unknown(place.cycle()) == {"hai"}
    place.seconds += 301
    assert unknown(place.cycle()) == set()
    place.let_hang(["hai"])
    place.cycle()
    place.let_hang([])
    assert unknown(place.cycle()) == set()


@pytest.mark.slow
def test_people_who_edit_in_one_between_read_and_write_are_judged_again(place: Place) -> None:
    hai = place.own["hai"]
    place.emulator.before(
        lambda record: record.bucket == "write" and record.spreadsheet_id == hai.id,
        lambda: hai.human.insert_rows("hai", FIRST),
    )
    place.cycle()
    assert [hai.cell("hai", row, RESULT) for row in (FIRST, FIRST + 1)] == [None, "Hoàn thành"]


@pytest.mark.slow
def test_the_same_number_in_two_spreadsheets_is_found(place: Place) -> None:
    place.person_typed("ba", **{"Số CCCD": "079085000000"})
    report = place.cycle()
    assert report.judged is not None
    findings = report.judged.findings
    across = findings[findings["rule"] == "cccd-trung-don-vi-khac"]
    assert set(zip(across["unit"], across["row"], strict=True)) == {("mot", FIRST), ("ba", FIRST)}
    assert place.results() == {"mot": "Hoàn thành", "hai": "Hoàn thành", "ba": "Hoàn thành"}
