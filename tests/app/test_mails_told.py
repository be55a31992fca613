"""What tab `Thư đã gửi` says before and after a mail leaves; where nothing can be written there, mails wait a while."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from automation.app.clock import standing_clock
from automation.app.mailing import Mailing
from automation.app.manual_mails import Clerk, ManualRequest, remind
from automation.app.stopping import Stopped
from automation.base.errors import OutcomeUnknown, RefusedMailError, TemporaryMailError
from automation.base.messages import text
from automation.cli.report import exit_status, mail_troubles
from automation.core.config import tabs
from automation.core.model.workbook import Cell
from tests.app.department import WRITER, Department
from tests.examples import cross_section


def april(day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(2023, 4, day, hour, minute)


@pytest.fixture
def office(tmp_path: Path) -> Department:
    """Two units, both to be reminded on 20/04/2023."""
    return Department(tmp_path, 2, **{"Bản tổng hợp": "không gửi"})


def to_units(office: Department, at: datetime) -> list[str]:
    return [each.mail.unit for each in office.cycle(at) if each.mail.unit]


def outcomes(office: Department) -> Counter[Cell]:
    return Counter(line["Kết quả"] for line in office.sent_tab() if line["Mã"])


def told(office: Department) -> list[str]:
    return [each.what for each in mail_troubles(office.reports[-1].delivery, office.store.mail_history())]


def status(office: Department) -> int:
    return exit_status(office.reports[-1].problems, office.reports[-1].delivery)


# --- nothing can be written -------------------------------------------------------------------------------


def test_a_mail_waits_until_the_workbook_can_be_told(office: Department) -> None:
    office.book.shut = True
    assert to_units(office, april(20)) == []
    assert "Chưa ghi được dòng của thư vào trang “Thư đã gửi”" in told(office)[0]
    assert status(office) == 1
    office.book.shut = False
    assert to_units(office, april(20, 8, 5)) == ["d000", "d001"]
    assert outcomes(office) == {"đã gửi": 2}
    assert status(office) == 0


def test_what_waited_for_an_hour_goes_and_people_are_told(office: Department) -> None:
    office.book.shut = True
    assert [to_units(office, april(20, 8, minute)) for minute in (0, 30, 59)] == [[], [], []]
    assert to_units(office, april(20, 9)) == ["d000", "d001"]
    assert any("thư đã đi mà trang “Thư đã gửi” chưa ghi được" in each for each in told(office))
    assert status(office) == 1
    office.book.shut = False
    assert to_units(office, april(20, 9, 15)) == []
    assert outcomes(office) == {"đã gửi": 2}
    assert (told(office), status(office)) == ([], 0)


def test_a_night_is_no_part_of_that_hour(office: Department) -> None:
    office.book.shut = True
    assert to_units(office, april(20, 16, 15)) == []
    assert to_units(office, april(21)) == []
    assert to_units(office, april(21, 9)) == ["d000", "d001"]


def test_an_alarm_does_not_wait(office: Department) -> None:
    office.cycle(april(19, 15))
    office.enter("d000", done=0, people=1)
    office.book.shut = True
    alarms = [each.mail.unit for each in office.cycle(april(19, 18)) if each.mail.kind == "mat-dong"]
    assert alarms == ["d000"]
    assert "thư đã đi mà trang “Thư đã gửi” chưa ghi được" in told(office)[0]


def by_hand(office: Department, unit: str, at: datetime, folder: Path) -> tuple[int, list[str]]:
    """How many mails somebody asked for and got queued, and the units at which some arrived."""
    before, mailing = len(office.server.arrived), Mailing(WRITER, office.server)
    asked = ManualRequest((unit,), send=True)
    done = remind(Clerk(office.book, office.store, mailing, standing_clock(at), folder / "previews"), asked)
    return done.queued, [each.mail.unit for each in office.server.arrived[before:]]


def test_a_mail_by_hand_takes_none_along_that_waits_in_old_words(office: Department, tmp_path: Path) -> None:
    office.server.trouble = lambda _mail: TemporaryMailError("Máy chủ bận.")
    assert to_units(office, april(20)) == []
    office.server.trouble = lambda _mail: None
    office.register("d001", "Email đầu mối", "another@example.org")
    assert by_hand(office, "d000", april(21), tmp_path) == (1, ["d000"])
    assert [each.mail.to for each in office.cycle(april(21, 8, 15)) if each.mail.unit] == [("another@example.org",)]


@pytest.mark.parametrize("error", [RefusedMailError("mã 550"), OutcomeUnknown("có thể đã tới")])
def test_who_did_not_get_it_may_be_mailed_by_hand_on_the_same_day(
    office: Department, tmp_path: Path, error: Exception
) -> None:
    office.server.trouble = lambda _mail: error
    for hour in (8, 13):  # the late try of what may have arrived
        office.cycle(april(20, hour))
    office.server.trouble = lambda _mail: None
    assert by_hand(office, "d000", april(20, 14), tmp_path) == (1, ["d000"])


def test_a_mail_whose_outcome_is_unknown_is_told_of_until_its_late_try(office: Department) -> None:
    office.server.lost_answer = lambda _mail: OutcomeUnknown("Máy chủ thư không xác nhận.")
    assert len(to_units(office, april(20))) == 2
    office.server.lost_answer = lambda _mail: None
    for minute in (15, 30):
        assert to_units(office, april(20, 8, minute)) == []
        said = [each.what for each in office.reports[-1].problems if each.where == text("report.mails_where")]
        assert said == ["Có thư chưa rõ kết quả: Máy chủ thư không xác nhận."]
        assert status(office) == 1
    office.cycle(april(20, 13))
    office.cycle(april(20, 13, 15))
    assert status(office) == 0


def test_the_registry_tells_when_a_mail_left_and_not_when_it_was_decided(office: Department) -> None:
    office.server.trouble = lambda _mail: TemporaryMailError("Máy chủ bận.")
    office.cycle(april(20, 8, 5))
    office.server.trouble = lambda _mail: None
    office.cycle(april(20, 8, 30))
    headers, first, *_ = office.book.rows(tabs.REGISTRY)
    assert first[headers.index("Nhắc gần nhất")] == april(20, 8, 30)


def test_a_mail_by_hand_waits_too(office: Department, tmp_path: Path) -> None:
    office.book.shut = True
    mailing, asked = Mailing(WRITER, office.server), ManualRequest(("d000",), send=True)
    done = remind(Clerk(office.book, office.store, mailing, standing_clock(april(18)), tmp_path / "previews"), asked)
    assert (done.queued, done.delivery.sent, done.delivery.postponed) == (1, 0, 1)
    office.book.shut = False
    assert to_units(office, april(18, 8, 5)) == ["d000"]
    assert outcomes(office) == {"đã gửi": 1}


def test_a_workbook_without_the_tab_waits_for_init_and_no_mail_for_it(office: Department) -> None:
    office.book.replace_rows(tabs.MAILS, [])
    assert to_units(office, april(20)) == ["d000", "d001"]
    [unrecorded] = mail_troubles(office.reports[-1].delivery, office.store.mail_history())
    assert "chạy tccb init" in unrecorded.fix
    assert status(office) == 1


@pytest.mark.parametrize("header", cross_section(["Mã thư", "Kết quả", "Thời điểm"], "Mã thư"))
def test_a_tab_that_has_lost_a_header_keeps_its_lines_and_nobody_is_mailed_twice(
    office: Department, header: str
) -> None:
    assert to_units(office, april(20)) == ["d000", "d001"]
    headers, *lines = office.book.rows(tabs.MAILS)
    office.book.replace_rows(tabs.MAILS, [["Khác" if each == header else each for each in headers], *lines])
    office.lose_state("another")
    for minute in (15, 30, 59):
        assert to_units(office, april(20, 8, minute)) == []
    assert office.book.rows(tabs.MAILS)[1:] == lines
    assert status(office) == 1
    office.book.replace_rows(tabs.MAILS, [headers, *lines])
    assert to_units(office, april(20, 9, 20)) == []


# --- what was announced and did not go --------------------------------------------------------------------


def test_what_was_about_to_go_when_it_was_cut_short_is_told_of_as_it_is(office: Department) -> None:
    def stop(_mail: object) -> Exception:
        raise Stopped

    office.server.trouble = stop
    with pytest.raises(Stopped):
        office.cycle(april(20))
    assert outcomes(office) == {"đang gửi": 2}
    office.enter("d000", done=4)
    office.server.trouble = lambda _mail: None
    assert to_units(office, april(20, 15)) == ["d001"]
    assert outcomes(office) == {"đã thôi gửi": 1, "đã gửi": 1}


def test_what_the_night_overtakes_is_no_longer_about_to_go(office: Department) -> None:
    def stop(_mail: object) -> Exception:
        raise Stopped

    office.server.trouble = stop
    with pytest.raises(Stopped):
        office.cycle(april(20, 16, 15))
    office.server.trouble = lambda _mail: None
    assert to_units(office, april(20, 18)) == []
    assert outcomes(office) == {"chờ đến lượt": 2}
    assert to_units(office, april(21)) == ["d000", "d001"]
    assert outcomes(office) == {"đã gửi": 2}


def test_what_has_no_room_today_is_not_announced_and_costs_no_write(tmp_path: Path) -> None:
    office = Department(tmp_path, 4, **{"Bản tổng hợp": "không gửi"})
    office.set("Số thư tối đa mỗi ngày", 2)
    office.cycle(april(20))
    assert Counter(each.mail.unit for each in office.server.arrived).total() == 2
    assert set(outcomes(office)) <= {"đã gửi"}
    assert office.cycle(april(20, 8, 15)) == []  # the journal notes why the others wait
    before = office.book.requests.write
    assert office.cycle(april(20, 8, 30)) == []
    assert office.book.requests.write == before
