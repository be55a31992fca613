"""`Lịch gửi`: the mails still to come, as the dashboard shows them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from automation.core.judging.judged import Judged
from automation.core.mail.recipients import Recipients
from automation.core.mail.reminders import mail_key
from automation.core.mail.send_calendar import DAYS, ComingMail, send_calendar
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.workbook import Cell
from automation.core.writing.dashboard import CALENDAR_LINES, addresses_text, dashboard_rows
from tests.workbooks import NOW, SOUND, config_with, judge_units, unit_line

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WAITING: dict[str, Cell] = SOUND | {
    "Số CCCD": "079085000124",
    "Tình trạng tài khoản": "Đã đăng ký, chờ duyệt",
    "Ngày kích hoạt": None,
}
FIRST_CYCLE = datetime(2023, 4, 11, 8, tzinfo=ZONE)


def campaign(now: datetime = NOW) -> Judged:
    """A unit with nobody done, one that has reached its target, and one without an address."""
    addresses = {"Email đầu mối": "dau-moi@example.org", "Email thủ trưởng": "thu-truong@example.org"}
    lines = [{**unit_line(code), **addresses} for code in ("cham", "xong")] + [unit_line("la")]
    units: dict[str, list[dict[str, Cell]]] = {
        "cham": [WAITING],
        "xong": [SOUND],
        "la": [WAITING | {"Số CCCD": "079085000125"}],
    }
    return judge_units(units, now=now, config=config_with(lines))


def calendar(judged: Judged, *sent: MailRecord) -> tuple[ComingMail, ...]:
    return send_calendar(judged, sent, FIRST_CYCLE)


def sent_on(day: date, unit: str, rung: str, kind: str = "nhac-viec") -> MailRecord:
    moment = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE)
    key = mail_key("vneid-2023", unit, rung, day)  # mails are on trial by default
    return MailRecord(key, kind, unit, rung, day, MailState.SENT, "<m@x>", moment, trial=True)


THE_20TH = date(2023, 4, 20)
TODAY = (sent_on(THE_20TH, "cham", "truoc-7"), sent_on(THE_20TH, "xong", "cam-on", "cam-on"))


def test_who_gets_what_when_and_why_as_worked_out_by_hand() -> None:
    coming = calendar(campaign(), *TODAY)
    focal, both = ("dau-moi@example.org",), Recipients(("dau-moi@example.org",), ("thu-truong@example.org",))
    assert [(f"{each.when:%d/%m %H:%M}", each.rung, each.recipients) for each in coming if each.unit == "cham"] == [
        ("26/04 08:00", "truoc-3-thap", both),
        # silence is full on 27/04, the day after another mail, and the next one comes before it may be told
        ("28/04 08:00", "truoc-1", Recipients(focal)),
        # 29/04 to 03/05 are days off
        ("04/05 08:00", "qua-han", both),
    ]
    assert coming[0].why == "7 ngày làm việc trước hạn"
    assert [each.rung for each in coming if each.unit == "xong"] == []


def test_a_unit_without_an_address_stands_there_to_be_seen() -> None:
    first = calendar(campaign(), *TODAY)[0]
    assert (first.unit, first.rung, first.recipients) == ("la", "truoc-7", Recipients(()))


@pytest.mark.parametrize("minutes", [0, 1, 59, 500])
def test_it_stays_the_same_all_day(minutes: int) -> None:
    later = replace(campaign(), now=NOW + timedelta(minutes=minutes))
    assert calendar(later, *TODAY) == calendar(campaign(), *TODAY)


def test_it_looks_two_weeks_ahead() -> None:
    assert {each.when.date() - THE_20TH <= timedelta(days=DAYS) for each in calendar(campaign())} == {True}
    assert send_calendar(campaign(), TODAY, FIRST_CYCLE, days=5)[1:] == ()


# --- in the dashboard -------------------------------------------------------------------------------------


def block(judged: Judged, coming: tuple[ComingMail, ...]) -> list[list[Cell]]:
    rows = dashboard_rows(judged, coming)
    start = next(place for place, row in enumerate(rows) if row and str(row[0]).startswith("LỊCH GỬI"))
    return [[cell for cell in row if cell is not None] for row in rows[start + 1 :]]


def test_the_dashboard_lists_them_last() -> None:
    judged = campaign()
    assert block(judged, calendar(judged, *TODAY))[:2] == [
        [
            "Đơn vị la",
            "08:00 20/04/2023",
            "7 ngày làm việc trước hạn",
            "→ Chưa có địa chỉ nhận, đề nghị bổ sung ở trang Đơn vị",
        ],
        [
            "Đơn vị cham",
            "08:00 26/04/2023",
            "3 ngày làm việc trước hạn",
            "→ dau-moi@example.org; đồng gửi thu-truong@example.org",
        ],
    ]


def test_the_dashboard_says_when_there_are_none() -> None:
    assert block(campaign(), ()) == [[f"Không có thư nhắc nào trong {DAYS} ngày tới"]]


def test_the_dashboard_lists_a_bounded_number() -> None:
    judged = campaign()
    one = calendar(judged, *TODAY)[0]
    lines = block(judged, (one,) * (CALENDAR_LINES + 7))
    assert len(lines) == CALENDAR_LINES + 1
    assert lines[-1] == ["Và 7 thư nữa"]


@pytest.mark.parametrize(
    ("recipients", "shown"),
    [
        (Recipients(("a@example.org", "b@example.org")), "a@example.org, b@example.org"),
        (Recipients(("a@example.org",), ("c@example.org",)), "a@example.org; đồng gửi c@example.org"),
        (Recipients((), ("c@example.org",)), "Chưa có địa chỉ nhận, đề nghị bổ sung ở trang Đơn vị"),
    ],
)
def test_addresses_in_a_line(recipients: Recipients, shown: str) -> None:
    assert addresses_text(recipients) == shown
