"""A line of tab `Thư đã gửi`, and what a state folder that knows nothing makes of it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.mail.sent_tab import Outcome, SentLine, about_to_go, line_of, unknown_to
from automation.core.model.mail import MailRecord, MailState

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT = datetime(2023, 4, 20, 8, 0, tzinfo=ZONE)
NAMES = {"mot": "Đơn vị một"}


def line(state: MailState, *, trial: bool = False, attempts: int = 0, **more: str) -> SentLine | None:
    key = "vneid/mot/truoc-7/2023-04-20" + ("/thu" if trial else "")
    record = MailRecord(
        key,
        "nhac-viec",
        "mot",
        "truoc-7",
        date(2023, 4, 20),
        state,
        "<1@example.org>",
        AT,
        trial=trial,
        settled_at=None if state is MailState.QUEUED else AT,
        attempts=attempts,
        why="7 ngày làm việc trước hạn",
        roles="đầu mối",
        **more,  # type: ignore[arg-type]
    )
    return line_of(record, NAMES, ZONE)


@pytest.mark.parametrize("trial", [False, True])
@pytest.mark.parametrize(
    ("state", "error"),
    [
        (MailState.SENT, ""),
        (MailState.FAILED, "máy chủ thư từ chối (550)"),
        (MailState.UNSURE, text("mail.unknown")),
    ],
)
def test_a_lost_state_folder_changes_no_line(state: MailState, error: str, trial: bool) -> None:
    """However often it is lost."""
    before = line(state, trial=trial, error=error)
    assert before is not None
    [adopted] = unknown_to([], [before], ZONE)
    assert (adopted.state, adopted.trial, adopted.key, adopted.day) == (state, trial, before.key, date(2023, 4, 20))
    assert line_of(adopted, NAMES, ZONE) == before


def test_what_was_about_to_go_may_have_arrived() -> None:
    record = MailRecord("k/mot/2023-04-20", "nhac-viec", "mot", "truoc-7", date(2023, 4, 20), MailState.QUEUED, "", AT)
    [adopted] = unknown_to([], [about_to_go(record, NAMES, AT.replace(tzinfo=None))], ZONE)
    assert (adopted.state, adopted.error) == (MailState.UNSURE, text("mails.cut_short"))
    assert unknown_to([record], [about_to_go(record, NAMES, AT.replace(tzinfo=None))], ZONE) == [], "we know better"


def test_what_a_copy_of_the_state_does_not_know_is_believed() -> None:
    """It was made while a late try was still to come; the tab tells what became of that."""
    late = MailRecord("k/mot", "nhac-viec", "mot", "r", date(2023, 4, 20), MailState.UNSURE, "", AT, due_at=AT)
    for state, believed in ((MailState.SENT, [MailState.SENT]), (MailState.UNSURE, [])):
        there = line_of(replace(late, state=state, due_at=None, settled_at=AT), NAMES, ZONE)
        assert there is not None
        assert [each.state for each in unknown_to([late], [there], ZONE)] == believed


def test_two_copies_without_an_answer_are_believed_by_who_knows_of_one() -> None:
    """The state is a copy from between the two: a third would go."""
    one = MailRecord(
        "k/mot", "nhac-viec", "mot", "r", date(2023, 4, 20), MailState.UNSURE, "", AT, due_at=AT, interrupted=1
    )
    there = line_of(replace(one, error=text("mails.unsure_for_good"), due_at=None, settled_at=AT), NAMES, ZONE)
    assert there is not None
    for known in (one, replace(one, state=MailState.QUEUED, interrupted=0)):
        [believed] = unknown_to([known], [there], ZONE)
        assert believed.state is MailState.UNSURE
    assert unknown_to([replace(one, due_at=None)], [there], ZONE) == []


def test_what_some_readers_have_is_not_sent_again_by_who_knows_the_tab_alone() -> None:
    partly = MailRecord(
        "k/mot", "nhac-viec", "mot", "r", date(2023, 4, 20), MailState.QUEUED, "", AT, attempts=1, is_frozen=True
    )
    there = line_of(partly, NAMES, ZONE)
    assert there is not None
    assert [each.state for each in unknown_to([], [there], ZONE)] == [MailState.UNSURE]
    assert unknown_to([partly], [there], ZONE) == [], "the others are still to get it"


def test_what_the_tab_tells_comes_oldest_first() -> None:
    days = (date(2023, 4, 27), date(2023, 4, 20))
    lines = [
        SentLine(
            datetime(day.year, day.month, day.day, 8), "mot", "", "", "k", "r", "", Outcome.SENT, "", f"k/mot/{day}"
        )
        for day in days
    ]
    assert [each.day for each in unknown_to([], lines, ZONE)] == sorted(days)


@pytest.mark.parametrize("attempts", [0, 1])
@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.WITHDRAWN])
def test_what_never_left_is_not_believed(state: MailState, attempts: int) -> None:
    found = line(state, attempts=attempts)
    assert (found is None) is (attempts == 0)
    assert unknown_to([], [found] if found else [], ZONE) == []
