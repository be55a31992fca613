from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from automation.core.mail.notes import mails_adopted, mails_in_doubt, mails_stuck, with_mail_notes
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.units import Standing

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LATE = datetime(2023, 4, 20, 20, 0, tzinfo=UTC)
"""In Viet Nam it is the 21st."""
REASON = "Máy chủ thư từ chối (mã 550)."


def mail(state: MailState, unit: str = "BV01", trial: bool = False) -> MailRecord:
    error = REASON if state is MailState.FAILED else ""
    return MailRecord(
        "k", "nhac-viec", unit, "truoc-7", date(2023, 4, 20), state, "<1@x>", LATE, error, trial, settled_at=LATE
    )


@pytest.mark.parametrize(
    ("history", "notes"),
    [
        ([], ("note",)),
        ([mail(MailState.SENT)], ("note",)),
        ([mail(MailState.FAILED)], ("note", f"Thư ngày 21/04/2023 chưa đến đủ người nhận. {REASON}")),
        (
            [mail(MailState.FAILED), mail(MailState.QUEUED)],
            ("note", f"Thư ngày 21/04/2023 chưa đến đủ người nhận. {REASON}"),
        ),
        (
            [mail(MailState.FAILED), mail(MailState.WITHDRAWN)],
            ("note", f"Thư ngày 21/04/2023 chưa đến đủ người nhận. {REASON}"),
        ),
        ([mail(MailState.FAILED), mail(MailState.SENT)], ("note",)),
        ([mail(MailState.UNSURE)], ("note", "Thư ngày 21/04/2023 có thể đã tới; đề nghị hỏi người nhận. ")),
        ([replace(mail(MailState.UNSURE), due_at=LATE)], ("note",)),  # is tried once more
        ([mail(MailState.FAILED, unit="BV02")], ("note",)),
        ([mail(MailState.FAILED, trial=True)], ("note",)),
    ],
)
def test_a_unit_whose_last_mail_did_not_arrive_says_so(history: list[MailRecord], notes: tuple[str, ...]) -> None:
    (found,) = with_mail_notes([Standing("BV01", "Bệnh viện Một", notes=("note",))], history, ZONE)
    assert found.notes == notes


@pytest.mark.parametrize(
    ("history", "told"),
    [
        ([mail(MailState.UNSURE)], "1 thư có thể đã tới (Bệnh viện Một): "),
        (
            [mail(MailState.UNSURE), replace(mail(MailState.UNSURE), kind="cam-on")],
            "2 thư có thể đã tới (Bệnh viện Một): ",
        ),
        ([mail(MailState.UNSURE, unit="")], "1 thư có thể đã tới (TCCB): "),
        ([replace(mail(MailState.UNSURE, unit=""), kind="quan-tri")], "1 thư có thể đã tới (quản trị): "),
        ([mail(MailState.UNSURE), mail(MailState.SENT)], None),
        (
            [mail(MailState.UNSURE, unit=""), replace(mail(MailState.SENT, unit=""), kind="quan-tri")],
            "1 thư có thể đã tới (TCCB): ",
        ),
        ([mail(MailState.FAILED)], None),
        ([replace(mail(MailState.UNSURE), due_at=LATE)], None),  # is tried once more
        ([replace(mail(MailState.UNSURE), day=date(2023, 4, 13))], None),  # was told for a fortnight
    ],
)
def test_a_mail_that_may_have_arrived_is_asked_about_until_the_next_one(
    history: list[MailRecord], told: str | None
) -> None:
    found = mails_in_doubt(history, [Standing("BV01", "Bệnh viện Một")], date(2023, 4, 28))
    assert [(each.what, each.needs_person) for each in found] == ([(told, True)] if told else [])


def test_each_reason_for_which_mails_wait_is_told_once_and_apart_where_they_are_tried_now() -> None:
    def waiting(error: str, attempts: int, due: timedelta) -> MailRecord:
        record = replace(mail(MailState.QUEUED), error=error, attempts=attempts)
        return replace(record, settled_at=None, due_at=LATE + due)

    hour, now = timedelta(hours=1), timedelta()
    history = [waiting("Hộp thư đầy.", 2, hour), waiting("Đủ 5 thư.", 0, now), waiting("Hộp thư đầy.", 1, now)]
    found = [(each.what, each.needs_person, each.mailed_apart) for each in mails_stuck(history, LATE)]
    assert found == [
        ("Có thư chưa gửi được: Hộp thư đầy.", True, False),
        ("Có thư chưa gửi được: Đủ 5 thư.", False, True),
    ]


def test_a_mail_that_the_workbook_alone_knows_is_counted_in_one_line() -> None:
    adopted = [mail(MailState.SENT), mail(MailState.FAILED), mail(MailState.UNSURE)]
    known, unsure = mails_adopted(adopted, [Standing("BV01", "Bệnh viện Một")])
    assert "có 2 thư" in known.what
    assert (known.told_once, unsure.told_once) == (True, False), "nothing is to be done about a new folder"
    assert "có 1 thư" in unsure.what
    assert [each.what for each in mails_adopted(adopted[2:], [])] == [
        unsure.what.replace("Bệnh viện Một", "TCCB"),
    ]
