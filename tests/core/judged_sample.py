"""A small judged campaign for the tests of mails, made by hand: a handful of units and made-up people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from automation.core.config.conditions import Condition
from automation.core.config.values import (
    Config,
    Field,
    FieldCode,
    FieldType,
    ListValue,
    PartRate,
    Rule,
    Settings,
    Status,
)
from automation.core.figures.history import History, HistoryLine
from automation.core.judging.completion import Total, breakdowns_of, tally_of, total_of
from automation.core.judging.judged import SharedNumber
from automation.core.judging.left_over import LeftOver
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.problems import Problem
from automation.core.model.units import Breakdown, CountsAs, Declaration, Mode, Severity, Standing, Unit
from tests.core.mail.ladder_examples import SETTINGS as LADDER_SETTINGS

NOW = datetime(2023, 4, 20, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
WORKING_DAYS_LEFT = 7

SETTINGS = replace(
    LADDER_SETTINGS,
    campaign="Cấp thẻ gắn chíp và kích hoạt tài khoản định danh điện tử",
    issuer="Sở Y tế Thành phố Hồ Chí Minh",
    legal_basis="Công văn số 2536/SYT-TCCB ngày 11/04/2023 của Sở Y tế",
    contact="Phòng Tổ chức cán bộ, Sở Y tế",
    papers="thẻ gắn chíp nếu đã có; thẻ bảo hiểm y tế nếu muốn đưa lên ứng dụng.",
    approval_message="do Bộ Công an gửi đến số điện thoại đã đăng ký. Kích hoạt trong 7 ngày kể từ khi nhận tin.",
    police_contact="Công an Thành phố (đầu mối ghi trong công văn)",
)

_ANY = Condition()
STATUSES = tuple(
    Status(order, code, label, _ANY, counts_as, todo, colour)
    for order, (code, label, counts_as, todo, colour) in enumerate(
        [
            ("ngoai-dien", "Không thuộc đối tượng", CountsAs.OUT_OF_SCOPE, "", "E7E6E6"),
            ("loi", "Cần sửa dữ liệu", CountsAs.NOT_DONE, "", "F8CBAD"),
            ("xong", "Hoàn thành", CountsAs.DONE, "", "C6E0B4"),
            ("hoan", "Tạm hoãn", CountsAs.DEFERRED, "Cập nhật khi hết thời gian tạm hoãn.", "D9E1F2"),
            (
                "cho-kich-hoat",
                "Đã duyệt, chưa kích hoạt",
                CountsAs.NOT_DONE,
                "Mở ứng dụng VNeID, chọn Kích hoạt tài khoản, nhập mã OTP rồi đăng nhập.",
                "E2EFDA",
            ),
            (
                "chua-dang-ky",
                "Có thẻ, chưa đăng ký",
                CountsAs.NOT_DONE,
                "Đăng ký Mức 1 trên ứng dụng VNeID, hoặc mang thẻ đến Công an phường để đăng ký Mức 2.",
                "FFE699",
            ),
            ("chua-khai", "Chưa khai báo", CountsAs.NOT_DONE, "Chọn tình trạng thẻ và tài khoản.", "EDEDED"),
        ],
        start=1,
    )
)
COUNTS_AS = {status.code: status.counts_as for status in STATUSES}

FIELDS = (
    Field(FieldCode.CATEGORY, "Đối tượng", (), FieldType.LIST, "Đối tượng", True, True, ""),
    Field(FieldCode.PARTY, "Đảng viên", (), FieldType.LIST, "Có không", False, True, ""),
    Field(FieldCode.DIFFICULTY, "Khó khăn, vướng mắc", (), FieldType.OPEN_LIST, "Khó khăn", False, True, ""),
    Field(FieldCode.TO_CORRECT, "Lỗi cần sửa", (), FieldType.COMPUTED, "", False, True, ""),
    Field(FieldCode.HEADCOUNT, "Tổng số người", (), FieldType.DECLARED_COUNT, "", False, True, ""),
    Field(FieldCode.DISSEMINATED_ON, "Ngày quán triệt", (), FieldType.DECLARED_DATE, "", False, True, ""),
    Field(FieldCode.DISSEMINATED_BY, "Hình thức quán triệt", (), FieldType.DECLARED_TEXT, "", False, True, ""),
    Field(FieldCode.INFORMED, "Số người được phổ biến", (), FieldType.DECLARED_COUNT, "", False, False, ""),
    Field(FieldCode.RELATIVES, "Người thân đã vận động", (), FieldType.DECLARED_COUNT, "", False, True, ""),
)
LISTS = {
    "Đối tượng": (ListValue("Công chức"), ListValue("Viên chức"), ListValue("Người lao động")),
    "Khó khăn": (ListValue("SIM không chính chủ"), ListValue("Lỗi ứng dụng")),
}


def rule(code: str, message: str, mode: Mode = Mode.ON) -> Rule:
    return Rule(code, mode, Severity.ERROR, FieldCode.IDENTITY, "", "", _ANY, message)


PART_RATES = (
    PartRate("the", "Đã làm thẻ gắn chíp", _ANY),
    PartRate("tai-khoan", "Đã kích hoạt, đăng nhập", _ANY),
    PartRate("muc-2", "Đã kích hoạt, đăng nhập Mức 2", _ANY),
)

RULES = (
    rule("cccd-12-so", "“{giá trị}” không phải số định danh 12 số → nhập đủ 12 số như trên thẻ{gợi ý}"),
    rule("ngay-sinh-sai", "“{giá trị}” không phải ngày sinh hợp lệ → nhập lại theo dạng ngày/tháng/năm"),
    rule("quy-tac-thu", "đang thử → bỏ qua", Mode.TRIAL),
)


class Person(Struct, frozen=True):
    """One line of a made-up unit; the row number is its place in the unit, from 4 on."""

    status: str
    name: str = "Nguyễn Văn An"
    category: str = "Viên chức"
    party: bool = False
    difficulty: str = ""


class Finding(Struct, frozen=True):
    unit: str
    row: int
    rule: str
    public_message: str
    header: str = "Số CCCD"
    severity: str = Severity.ERROR.value


class Sample(Struct, frozen=True):
    """What the tests hand over in place of a judged workbook."""

    config: Config
    now: datetime
    standings: tuple[Standing, ...]
    people: pd.DataFrame
    findings: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    cross_unit_duplicates: tuple[SharedNumber, ...] = ()
    left_over: tuple[LeftOver, ...] = ()

    def __post_init__(self) -> None:
        """Of the units with people here, what tables tell of them."""
        found = breakdowns_of(self.people, self.findings, self.config)
        known = (replace(each, breakdown=found.get(each.code, Breakdown())) for each in self.standings if each.known)
        by_code = {each.code: each for each in known}
        force_setattr(self, "standings", tuple(by_code.get(each.code, each) for each in self.standings))

    @property
    def total(self) -> Total:
        return total_of(self.standings)


def config(units: Iterable[Unit] = (), settings: Settings = SETTINGS) -> Config:
    return Config(settings, {}, FIELDS, LISTS, RULES, STATUSES, (), tuple(units), PART_RATES)


def standing(unit: Unit, people: Sequence[Person], declaration: Declaration | None = None, errors: int = 0) -> Standing:
    """Where the unit stands with these people, counted one by one."""
    statuses = {code: sum(person.status == code for person in people) for code in COUNTS_AS}
    number = {
        wanted: sum(count for code, count in statuses.items() if COUNTS_AS[code] is wanted) for wanted in CountsAs
    }
    in_scope = len(people) - number[CountsAs.OUT_OF_SCOPE]
    tally = tally_of(
        unit.headcount, number[CountsAs.OUT_OF_SCOPE], in_scope, number[CountsAs.DEFERRED], number[CountsAs.DONE]
    )
    return Standing(
        code=unit.code,
        name=unit.name,
        group=unit.group,
        headcount=unit.headcount,
        rows=len(people),
        out_of_scope=number[CountsAs.OUT_OF_SCOPE],
        tally=tally,
        errors=errors,
        statuses=statuses,
        parts={"the": number[CountsAs.DONE] + statuses["cho-kich-hoat"], "tai-khoan": number[CountsAs.DONE]},
        declaration=declaration or Declaration(),
        changed_at=datetime(2023, 4, 19, 10, 30, tzinfo=NOW.tzinfo) if people else None,
    )


def people_frame(people: Mapping[str, Sequence[Person]]) -> pd.DataFrame:
    labels = {status.code: (status.label, status.todo) for status in STATUSES}
    return pd.DataFrame(
        [
            {
                "unit": unit,
                "row": row,
                "name": each.name,
                "category": each.category,
                "party": each.party,
                "difficulty": each.difficulty,
                "status": each.status,
                "counts_as": COUNTS_AS[each.status],
                "label": labels[each.status][0],
                "todo": labels[each.status][1],
            }
            for unit, members in people.items()
            for row, each in enumerate(members, start=4)
        ],
        columns=[
            *("unit", "row", "name", "category", "party", "difficulty"),
            *("status", "counts_as", "label", "todo"),
        ],
    )


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "unit": each.unit,
                "row": each.row,
                "rule": each.rule,
                "severity": each.severity,
                "field": FieldCode.IDENTITY,
                "header": each.header,
                "message": each.public_message,
                "public_message": each.public_message,
            }
            for each in findings
        ],
        columns=["unit", "row", "rule", "severity", "field", "header", "message", "public_message"],
    )


TU_DU = Unit("bv-tu-du", "Bệnh viện Từ Dũ", "Bệnh viện thành phố", headcount=13, focal_email="a@example.org")
QUAN_4 = Unit("bv-q4", "Bệnh viện Quận 4", "Bệnh viện quận, huyện", headcount=3, focal_email="b@example.org")
QUAN_11 = Unit("bv-q11", "Bệnh viện Quận 11", "Bệnh viện quận, huyện")
DA_LIEU = Unit("bv-da-lieu", "Bệnh viện Da Liễu", "Bệnh viện thành phố", headcount=40)
UNITS = (TU_DU, QUAN_4, QUAN_11, DA_LIEU)

PEOPLE: Mapping[str, Sequence[Person]] = {
    "bv-tu-du": (
        Person("xong", "Trần Thị Bình", party=True),
        Person("loi", "Lê Văn Cường", difficulty="SIM không chính chủ"),
        Person("loi", "Phạm Thị Dung"),
        Person("cho-kich-hoat", "Đặng Văn Em", "Công chức", party=True),
        Person("chua-dang-ky", "Võ Thị Giang", "Người lao động", difficulty="SIM không chính chủ"),
        Person("chua-dang-ky", "Hồ Văn Hải", "Người lao động", difficulty="Nhờ anh Hải đổi giúp"),
        Person("hoan", "Đỗ Thị Kim"),
        Person("ngoai-dien", "Ngô Văn Lâm"),
        Person("xong", "Bùi Thị Mai"),
    ),
    "bv-q4": (Person("xong"), Person("xong"), Person("xong")),
    "bv-q11": (),
}
FINDINGS = (
    Finding("bv-tu-du", 5, "cccd-12-so", "không phải số định danh 12 số → nhập đủ 12 số như trên thẻ"),
    Finding("bv-tu-du", 6, "cccd-12-so", "không phải số định danh 12 số → nhập đủ 12 số như trên thẻ"),
    Finding("bv-tu-du", 6, "ngay-sinh-sai", "“31/02/1990” không phải ngày sinh hợp lệ → nhập lại", "Ngày sinh"),
)


def sample(settings: Settings = SETTINGS) -> Sample:
    """Four units: one halfway, one that reached 100 %, one not started, one that could not be read."""
    declaration = Declaration(13, date(2023, 4, 14), informed=12, relatives=20, disseminated_by="họp toàn đơn vị")
    unread = Standing(
        DA_LIEU.code,
        DA_LIEU.name,
        DA_LIEU.group,
        known=False,
        as_of=datetime(2023, 4, 18, 16, 0, tzinfo=NOW.tzinfo),
        headcount=40,
        rows=40,
        tally=tally_of(40, 0, 40, 0, 30),
        statuses={"xong": 30, "chua-dang-ky": 10},
    )
    return Sample(
        config=config(UNITS, settings),
        now=NOW,
        standings=(
            replace(standing(TU_DU, PEOPLE["bv-tu-du"], declaration, errors=2), warnings=3),
            standing(QUAN_4, PEOPLE["bv-q4"]),
            standing(QUAN_11, PEOPLE["bv-q11"]),
            unread,
        ),
        people=people_frame(PEOPLE),
        findings=findings_frame(FINDINGS),
        problems=(Problem("Đơn vị, dòng 5", "không đọc được trang tính", "khôi phục dòng tiêu đề"),),
        cross_unit_duplicates=(SharedNumber((("bv-q4", (5,)), ("bv-tu-du", (4, 9)))),),
    )


_DONE_BY_DAY = {
    # 11/04/2023, a Tuesday, to 19/04; the unread unit was last read on the 18th
    TU_DU.code: (11, (0, 0, 0, 1, 1, 1, 1, 1, 2)),
    QUAN_4.code: (3, (1, 1, 2, 3, 3, 3, 3, 3, 3)),
    QUAN_11.code: (0, (0,) * 9),
    DA_LIEU.code: (40, (10, 12, 15, 18, 18, 18, 22, 30)),
}


def history() -> History:
    """Tab `Lịch sử` of the sample."""
    lines = (
        HistoryLine(0, date(2023, 4, 11 + day), unit, counted, done)
        for unit, (counted, by_day) in _DONE_BY_DAY.items()
        for day, done in enumerate(by_day)
    )
    return History(None, tuple(sorted(lines, key=lambda line: line.day)), 0)


def under_way(settings: Settings = SETTINGS) -> Sample:
    """The sample, with a unit that moves: 31 people of Từ Dũ are in scope, 8 of whom are done."""
    judged = sample(settings)
    moving = replace(judged.standings[0], headcount=32, tally=tally_of(32, 1, 8, 1, 8))
    return replace(judged, standings=(moving, *judged.standings[1:]))


def history_under_way() -> History:
    """Six people of Từ Dũ got done since the 11th, on three days: one a working day."""
    done = zip(range(11, 20), (2, 2, 3, 3, 3, 3, 5, 5, 8), strict=True)
    moving = (HistoryLine(0, date(2023, 4, day), TU_DU.code, 30, number) for day, number in done)
    others = (line for line in history().lines if line.code != TU_DU.code)
    return History(None, tuple(sorted((*others, *moving), key=lambda line: line.day)), 0)


def mailed(
    day: int, state: MailState = MailState.SENT, unit: str = "", rung: str = "tong-hop", error: str = ""
) -> MailRecord:
    """A mail of that day of April at eight o'clock."""
    kind = "nhac-viec" if unit else "tong-hop"
    at = datetime(2023, 4, day, 8, 0, tzinfo=NOW.tzinfo)
    return MailRecord(f"key/{unit}/{rung}/{day}", kind, unit, rung, at.date(), state, f"<{unit}{day}>", at, error)


SENT = (
    mailed(18),
    mailed(19),
    mailed(19, MailState.FAILED, QUAN_4.code, "truoc-8", "Máy chủ thư không nhận (mã 550)"),
)
