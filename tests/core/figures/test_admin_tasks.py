"""What the admin is told of in a mail of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from msgspec.structs import replace

from automation.core.config.mail_kinds import ADMIN_TASKS
from automation.core.figures.admin_tasks import AdminFigures, RegistryGaps, admin_figures
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.problems import Place, Problem
from automation.core.model.units import Unit
from tests.core.judged_sample import (
    NOW,
    QUAN_4,
    Sample,
    config,
    findings_frame,
    mailed,
    people_frame,
    sample,
    standing,
)


def told(judged: Sample, sent: Sequence[MailRecord] = ()) -> AdminFigures:
    return admin_figures(judged, sent, "danh-sach.xlsx")


def test_what_the_registry_lacks() -> None:
    nobody = Unit("x", "Đơn vị X", focal_person="An", focal_email="x@example.org, sai", head_email="không có")
    judged = Sample(config((nobody, QUAN_4)), NOW, (standing(nobody, []),), people_frame({}), findings_frame([]))
    assert told(judged).registry_gaps == RegistryGaps(
        focal_person=("Bệnh viện Quận 4",),
        focal_address=(),
        head_address=("Bệnh viện Quận 4", "Đơn vị X"),
        headcount=("Đơn vị X",),
    )
    assert told(sample()).registry_gaps.focal_address == ("Bệnh viện Da Liễu", "Bệnh viện Quận 11")


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        ([mailed(19, MailState.FAILED, "bv-q4", error="e")], [("Bệnh viện Quận 4", 19, "e", 1)]),
        (
            [mailed(18, MailState.FAILED, "bv-q4", error="old"), mailed(19, MailState.FAILED, "bv-q4", error="new")],
            [("Bệnh viện Quận 4", 19, "new", 2)],
        ),
        ([mailed(18, MailState.FAILED, "bv-q4"), mailed(19, MailState.SENT, "bv-q4")], []),  # reached again
        (
            [mailed(18, MailState.FAILED, "bv-q4"), mailed(19, MailState.QUEUED, "bv-q4")],
            [("Bệnh viện Quận 4", 18, "", 1)],
        ),
        ([mailed(3, MailState.FAILED, "bv-q4")], []),  # long ago
        ([mailed(19, MailState.FAILED, "gone")], []),  # has left the registry
        (
            [
                mailed(19, MailState.FAILED),
                mailed(19, MailState.FAILED, "bv-tu-du"),
                mailed(18, MailState.FAILED, "bv-q4"),
            ],
            [("", 19, "", 1), ("Bệnh viện Từ Dũ", 19, "", 1), ("Bệnh viện Quận 4", 18, "", 1)],
        ),
    ],
)
def test_refused_mails(sent: list[MailRecord], refused: list[tuple[str, int, str, int]]) -> None:
    found = told(sample(), sent).refused_mails
    assert [(each.unit, each.day.day, each.error, each.mails) for each in found] == refused


@pytest.mark.parametrize(
    ("sent", "refused", "in_doubt"),
    [
        ([mailed(19, MailState.UNSURE, "bv-q4", error="e")], [], [("Bệnh viện Quận 4", 1)]),
        ([replace(mailed(19, MailState.UNSURE, "bv-q4"), due_at=NOW)], [], []),  # is tried once more
        (
            [mailed(18, MailState.UNSURE, "bv-q4"), mailed(18, MailState.FAILED, "bv-q4")],
            [("Bệnh viện Quận 4", 1)],
            [("Bệnh viện Quận 4", 1)],
        ),
        # Who reads it has got it, or the one before it.
        ([replace(mailed(19, MailState.UNSURE), kind=ADMIN_TASKS)], [], []),
        # The admin is reached, the office is not.
        ([mailed(18, MailState.FAILED), replace(mailed(19), kind=ADMIN_TASKS)], [("", 1)], []),
    ],
)
def test_mails_that_may_have_arrived_are_told_apart(
    sent: list[MailRecord], refused: list[tuple[str, int]], in_doubt: list[tuple[str, int]]
) -> None:
    found = told(sample(), sent)
    assert [(each.unit, each.mails) for each in found.refused_mails] == refused
    assert [(each.unit, each.mails) for each in found.doubtful_mails] == in_doubt
    assert found.count == told(sample()).count + len(refused) + len(in_doubt)


def test_problems_of_the_configuration_have_a_mail_of_their_own() -> None:
    hidden = Problem("Trang “Quy tắc”, ô E4", "không có “Nguyễn Văn An”", "", place=Place("Quy tắc", 4, 5))
    assert told(replace(sample(), problems=(hidden, hidden))).problems == ()


@pytest.mark.parametrize(
    ("kind", "state", "is_asked_again"),
    [
        (ADMIN_TASKS, MailState.SENT, False),
        (ADMIN_TASKS, MailState.FAILED, True),  # nobody has read it
        ("nhac-viec", MailState.SENT, True),
    ],
)
def test_what_is_asked_once_is_asked_until_it_was_read(kind: str, state: MailState, is_asked_again: bool) -> None:
    judged = replace(sample(), problems=(Problem("Đơn vị, dòng 5", "đổi mã", "ghi lại mã cũ", told_once=True),))
    before = told(judged)
    mail = replace(mailed(19, state), kind=kind, key=f"quan-tri/{before.questions}")
    assert (told(judged, [mail]).asked == before.asked) is is_asked_again
    assert len(before.asked) == 1


def test_each_kind_of_mail_that_waits_counts() -> None:
    sent = [mailed(18, MailState.FAILED, QUAN_4.code), mailed(19, MailState.UNSURE, QUAN_4.code)]
    assert told(sample(), sent).count == told(sample()).count + 2


def test_an_empty_registry_is_told_of() -> None:
    found = told(Sample(config(), NOW, (), people_frame({}), findings_frame([])))
    assert (found.no_units, found.count) == (True, 1)


def test_where_nothing_waits_there_is_nothing_to_count() -> None:
    unit = Unit("x", "X", headcount=1, focal_person="An", focal_email="x@example.org", head_email="y@example.org")
    assert told(Sample(config((unit,)), NOW, (standing(unit, []),), people_frame({}), findings_frame([]))).count == 0


def test_the_digest_is_of_what_waits_and_not_of_how_often() -> None:
    once = [mailed(18, MailState.FAILED, QUAN_4.code, error="e")]
    twice = [*once, mailed(19, MailState.FAILED, QUAN_4.code, error="e")]
    assert told(sample(), once).digest == told(sample(), twice).digest
    assert told(sample(), once).digest != told(sample()).digest
    assert date(2023, 4, 19) in [each.day for each in told(sample(), twice).refused_mails]
