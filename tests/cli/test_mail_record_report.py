"""`tccb mails`: what is told of mails, as a table and for other programs."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from automation.app.clock import standing_clock
from automation.app.mail_record import MailsFound, mails
from automation.base.errors import CannotStart, MailServerUnavailable, RefusedMailError
from automation.cli.mail_record_report import as_json, print_mails, read_since
from automation.core.model.mail import Mail
from tests.app.department import Department

MORNING = datetime(2023, 4, 20, 8)


def refusing(mail: Mail) -> Exception | None:
    return RefusedMailError("mã 550") if mail.unit == "d001" else None


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Department:
    """Three units: one has its mail, one does not get it, one waits for the server. Nobody here changes it."""
    office = Department(tmp_path_factory.mktemp("office"), 3)
    office.set("Bản tổng hợp", "không gửi")
    office.set("Email quản trị", "quan-tri@example.org")
    office.server.trouble = lambda mail: refusing(mail) or (MailServerUnavailable("") if mail.unit == "d002" else None)
    office.cycle(MORNING)
    return office


def found(office: Department, *units: str, since: date | None = None) -> MailsFound:
    return mails(office.book, office.store, standing_clock(MORNING), units, since)


def test_each_mail_with_its_reason_and_outcome(office: Department) -> None:
    told = [line for line in as_json(found(office))["mails"] if line["unit"]]
    assert [(line["unit"], line["to"], line["why"], line["outcome"], line["note"]) for line in told] == [
        ("d002", "đầu mối", "7 ngày làm việc trước hạn", "waiting", ""),
        ("d001", "đầu mối", "7 ngày làm việc trước hạn", "failed", "mã 550"),
        ("d000", "đầu mối", "7 ngày làm việc trước hạn", "sent", ""),
    ]
    assert {line["when"] for line in told} == {"2023-04-20T08:00"}
    assert "example.org" not in repr(told)


def test_only_those_that_were_asked_for(office: Department) -> None:
    assert {line.unit for line in found(office, "D001").lines} == {"d001"}
    assert found(office, since=date(2023, 4, 21)).lines == ()
    with pytest.raises(CannotStart, match="d00x"):
        found(office, "d00x")


def test_the_table_names_units_and_outcomes(office: Department) -> None:
    shown = io.StringIO()
    print_mails(found(office), Console(file=shown, width=120))
    lines = [line for line in shown.getvalue().splitlines() if "Đơn vị d00" in line]
    assert [("đã gửi" in line, "không gửi được. mã" in line, "chờ gửi lại" in line) for line in lines] == [
        (False, False, True),
        (False, True, False),
        (True, False, False),
    ]


def test_another_campaign_is_left_out_unless_all_are_asked_for(tmp_path: Path) -> None:
    office = Department(tmp_path, 1, **{"Bản tổng hợp": "không gửi"})
    office.cycle(MORNING)
    office.set("Mã chiến dịch", "dot-sau")
    assert (found(office, "d000").lines, found(office, "d000").others) == ((), 1)
    shown = io.StringIO()
    print_mails(found(office, "d000"), Console(file=shown, width=120))
    assert shown.getvalue() == "Chưa có thư nào.\nCòn 1 thư của đợt khác không liệt kê ở đây; xem bằng --all.\n"
    office.cycle(MORNING.replace(hour=14))
    assert [line.campaign for line in found(office, "d000").lines] == ["dot-sau"]
    everything = mails(office.book, office.store, standing_clock(MORNING), ["d000"], of_all=True)
    assert ([line.campaign for line in everything.lines], everything.others) == (["dot-sau", "vneid-2023"], 0)
    print_mails(everything, Console(file=shown, width=120))
    assert "vneid-2023" in shown.getvalue()


def test_where_there_is_none_that_is_said(tmp_path: Path) -> None:
    shown = io.StringIO()
    print_mails(found(Department(tmp_path, 1)), Console(file=shown, width=120))
    assert shown.getvalue() == "Chưa có thư nào.\n"


@pytest.mark.parametrize(
    ("typed", "day"), [(None, None), ("20/04/2023", date(2023, 4, 20)), ("2023-04-20", date(2023, 4, 20))]
)
def test_a_day_as_people_write_it(typed: str | None, day: date | None) -> None:
    assert read_since(typed) == day


@pytest.mark.parametrize("typed", ["", "hôm qua", "32/04/2023"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(CannotStart, match="--since"):
        read_since(typed)
