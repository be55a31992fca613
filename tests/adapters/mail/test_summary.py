"""The summary as a whole: the mail, the picture it shows, the files that travel with it."""

from __future__ import annotations

import base64
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from msgspec.structs import replace
from openpyxl import load_workbook

from automation.adapters.documents.attachments import ATTACHMENTS, PICTURE_ID
from automation.adapters.documents.draft_report import report_lines
from automation.adapters.mail.mime import message_bytes
from automation.adapters.mail.writer import MailWriter, WrittenMail
from automation.core.config.mail_kinds import SUMMARY
from automation.core.figures.forecast import Forecast, Outlook, Pace
from automation.core.figures.summary import SilentUnit, SummaryFigures, summary_figures
from automation.core.judging.judged import SharedNumber
from automation.core.model.mail import Mail
from automation.core.model.units import Declaration, Tally, Unit
from automation.core.text.moments import VIET_NAM
from tests.adapters.mail.test_in_browser import WIDTHS, laid_out_widths, needs_chromium
from tests.adapters.mail.test_writer import GMAIL_CUTS_AT, on_one_line, page_of, visible
from tests.core.judged_sample import (
    NOW,
    PEOPLE,
    SENT,
    SETTINGS,
    TU_DU,
    Finding,
    Sample,
    config,
    findings_frame,
    history,
    history_under_way,
    people_frame,
    sample,
    standing,
    under_way,
)

WRITER = MailWriter(attach=ATTACHMENTS)
FIGURES = summary_figures(sample(), history(), SENT)


@pytest.fixture(scope="module")
def written() -> WrittenMail:
    return WRITER.write(SUMMARY, FIGURES)


def test_picture_table_and_report_travel_with_the_summary(written: WrittenMail) -> None:
    assert [each.filename for each in written.attachments] == [
        "xu-huong.png",
        "tong-hop-2023-04-20.xlsx",
        "du-thao-bao-cao-2023-04-20.docx",
    ]
    assert [each.content_id for each in written.attachments] == [PICTURE_ID, "", ""]


def test_the_html_shows_the_picture_and_says_what_is_on_it(written: WrittenMail) -> None:
    [picture] = page_of(written).xpath("//img")
    assert picture.get("src") == f"cid:{PICTURE_ID}"
    assert picture.get("alt") == (
        "Biểu đồ tỷ lệ hoàn thành theo ngày: 20,3\u00a0% ngày 11/04/2023, 64,8\u00a0% ngày 20/04/2023; "
        "chỉ tiêu 100\u00a0%, hạn 30/04/2023."
    )


def test_text_and_html_name_the_files(written: WrittenMail) -> None:
    for said in (written.text, visible(written)):
        assert "Kèm theo: bảng số liệu (Excel) và dự thảo báo cáo (Word)." in on_one_line(said)


def test_on_the_first_day_there_is_nothing_to_draw() -> None:
    first = WRITER.write(SUMMARY, summary_figures(sample()))
    assert not page_of(first).xpath("//img")
    assert not any(each.content_id for each in first.attachments)


def test_the_whole_mail_arrives_with_files_that_open(written: WrittenMail) -> None:
    mail = Mail(
        "key",
        "tong-hop",
        "",
        "tong-hop",
        NOW.date(),
        ("hr@example.org",),
        (),
        "sender@example.org",
        "reply@example.org",
        written.subject,
        written.text,
        written.html,
        attachments=written.attachments,
    )
    message = message_from_bytes(message_bytes(mail, "<id@example.org>", NOW, VIET_NAM), policy=policy.default)
    table, report = (each.get_content() for each in message.iter_attachments())
    assert load_workbook(BytesIO(table)).sheetnames[0] == "Đơn vị"
    assert any(each.text == "BÁO CÁO" for each in Document(BytesIO(report)).paragraphs)


def test_the_same_figures_are_the_same_mail(written: WrittenMail) -> None:
    assert WRITER.write(SUMMARY, FIGURES) == written


# --- who reads it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["quản trị", "không gửi được", "địa chỉ thư", "Nhật ký"])
def test_the_summary_can_be_forwarded_what_waits_for_the_admin_is_not_in_it(word: str, written: WrittenMail) -> None:
    assert word not in written.text
    assert word not in visible(written)


def test_the_verdict_comes_first_and_the_legal_basis_last(written: WrittenMail) -> None:
    for said in (on_one_line(written.text), on_one_line(visible(written))):
        verdict, first_section = said.index("35/54 người hoàn thành"), said.lower().index("1. theo từng bước")
        assert verdict < first_section < said.index("Trân trọng") < said.index("Căn cứ")


def test_where_nobody_counts_yet_no_rate_is_made_up() -> None:
    units = [replace(TU_DU, code=f"u{n}", name=f"Đơn vị {n}", headcount=None) for n in range(3)]
    standings = tuple(standing(unit, []) for unit in units)
    nobody = summary_figures(Sample(config(units), NOW, standings, people_frame({}), findings_frame([])))
    mail = WRITER.write(SUMMARY, nobody)
    assert mail.subject == "[Tổng hợp] chưa có số liệu (20/04/2023, hạn 30/04/2023)"
    for said in (on_one_line(mail.text), on_one_line(visible(mail)), "\n".join(report_lines(nobody))):
        assert "hưa có số liệu để tính tỷ lệ hoàn thành" in said
        assert "0/0 người" not in said
        assert "còn 0 người" not in said
        assert "đã đạt chỉ tiêu" not in said


def test_who_has_nobody_to_urge_is_not_told_as_one_of_whom_nothing_is_known() -> None:
    """All of a unit are deferred, or out of scope: that is known, so it is said, and counted as such in its group."""
    deferred = replace(standing(TU_DU, []), headcount=2, rows=2, tally=Tally(2, 2, 0))
    gone = replace(deferred, code="b", name="Bệnh viện B", out_of_scope=2, tally=Tally())
    figures = summary_figures(Sample(config(), NOW, (deferred, gone), people_frame({}), findings_frame([])))
    mail = WRITER.write(SUMMARY, figures)
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert said.count("không có người phải thực hiện") >= 3
        assert "1 đơn vị chưa có số liệu" not in said


@pytest.mark.parametrize("asked", [True, False])
def test_beside_a_rate_without_those_deferred_part_rates_say_that_they_count_them(asked: bool) -> None:
    """14 of 18 are 77,7 % in the first line, the same 14 are 70,0 % of the 20 in scope in the third."""
    mail = WRITER.write(SUMMARY, replace(FIGURES, asks_exemptions=asked))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert ("tỷ lệ từng phần việc tính cả người tạm hoãn, không kể" in said) == asked


def test_the_last_few_are_told_as_so_many_in_so_many_days() -> None:
    few = replace(FIGURES, forecast=replace(FIGURES.forecast, to_go=3, needed=0.5), work_left=7)
    for unknown, people in ((0, "3 người"), (1, "ít nhất 3 người")):
        mail = WRITER.write(SUMMARY, replace(few, overall=replace(few.overall, units_of_unknown_size=unknown)))
        for said in (on_one_line(mail.text), on_one_line(visible(mail))):
            assert f"ể kịp hạn cần {people} trong 7 ngày làm việc" in said


def test_a_unit_at_risk_is_told_its_pace_and_need_alike() -> None:
    """Six people in six days beside 22 in seven: "1" and "4" hid that 3,2 a day would do."""
    mail = WRITER.write(SUMMARY, summary_figures(under_way(), history_under_way()))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "còn 22 người đến chỉ tiêu; 1 người mỗi ngày làm việc, cần 3,2 người mỗi ngày làm việc" in said
    slow = tuple(
        replace(line, forecast=replace(line.forecast, pace=Pace(3, 6.0, 3)))
        for line in summary_figures(under_way(), history_under_way()).at_risk
    )
    mail = WRITER.write(SUMMARY, replace(FIGURES, at_risk=slow))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "3 người trong 6 ngày làm việc, cần 22 người trong 7 ngày làm việc" in said


def test_in_the_afternoon_a_unit_at_risk_needs_more_than_it_does() -> None:
    """At 14:00 six and a quarter days are left for 22 people; 3,2 a day would have been for all seven."""
    judged = replace(under_way(), now=NOW.replace(hour=14, minute=22, second=30))
    mail = WRITER.write(SUMMARY, summary_figures(judged, history_under_way()))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "còn 22 người đến chỉ tiêu; 6 người trong 6,7 ngày làm việc, cần 22 người trong 6,2 ngày" in said


def test_a_unit_of_unknown_size_at_risk_lacks_at_least_so_many() -> None:
    judged = under_way()
    unknown = replace(judged.standings[0], headcount=None)
    judged = replace(judged, standings=(unknown, *judged.standings[1:]))
    mail = WRITER.write(SUMMARY, summary_figures(judged, history_under_way()))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "còn ít nhất 22 người đến chỉ tiêu; 1 người mỗi ngày" in said
        assert "1 người mỗi ngày làm việc, cần ít nhất 3,2 người mỗi ngày làm việc" in said


@pytest.mark.parametrize(("days_left", "head"), [(0, "Nguy cơ chậm thời hạn"), (-1, "Đã quá hạn, chưa đạt chỉ tiêu")])
def test_who_is_late_is_at_no_risk_of_it(days_left: int, head: str) -> None:
    deadline = NOW.date() + timedelta(days=days_left)
    judged = under_way(replace(SETTINGS, deadline=deadline))
    mail = WRITER.write(SUMMARY, summary_figures(judged, history_under_way()))
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert f"{head} theo số người hoàn thành thêm".lower() in said.lower()
        assert "nguy cơ" not in said.lower() or days_left == 0


def test_after_the_deadline_no_unit_of_doubtful_figures_is_left_out() -> None:
    """The last known figures of a unit that cannot be read are short of the target: "Không có" was not so."""
    (unread,) = (line for line in FIGURES.units if line.is_unread)
    late = replace(FIGURES, at_risk=(), standing_still=(), too_little_data=(), in_doubt=(unread,), days_left=-4)
    mail = WRITER.write(SUMMARY, late)
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "(1 đơn vị, số người còn lại đến chỉ tiêu theo số liệu gần nhất): Bệnh viện Da Liễu (10)" in said


def test_who_never_told_anything_is_not_called_in_time() -> None:
    """A unit without a list and a headcount has nobody to go, and "Không có" stood below the head."""
    forecast = replace(FIGURES.forecast, without_data=1)
    late = replace(FIGURES, at_risk=(), standing_still=(), too_little_data=(), in_doubt=(), forecast=forecast)
    mail = WRITER.write(SUMMARY, late)
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "thời hạn 1 đơn vị chưa đủ số liệu. 5." in said.lower()


def test_a_block_without_anybody_says_so() -> None:
    nobody = replace(FIGURES, categories=(), party=None)
    mail = WRITER.write(SUMMARY, nobody)
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "theo đối tượng chưa có số liệu. 4." in said.lower()


@pytest.mark.parametrize(("gone", "told"), [(0, False), (3, True)])
def test_a_rate_that_rose_with_shorter_lists_is_told_as_such(gone: int, told: bool) -> None:
    fewer = tuple(replace(each, vanished_rows=gone) if each.code == TU_DU.code else each for each in sample().standings)
    figures = summary_figures(replace(sample(), standings=fewer), history(), SENT)
    mail = WRITER.write(SUMMARY, figures)
    said = "(danh sách của 1 đơn vị giảm 3 dòng, chờ khai lại tổng số người: tỷ lệ có thể cao hơn thực tế)"
    for each in (mail.text, visible(mail), " ".join(report_lines(figures))):
        assert (said in on_one_line(each)) is told


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ({}, "chưa thể dự báo ngày đạt 100\u00a0%;"),
        ({"bệnh viện thành phố": 90.0}, "chưa thể dự báo ngày đạt chỉ tiêu;"),
    ],
)
def test_the_headline_names_the_target_unless_units_have_their_own(targets: dict[str, float], said: str) -> None:
    judged = under_way(replace(SETTINGS, group_targets=targets))
    mail = WRITER.write(SUMMARY, summary_figures(judged, history_under_way()))
    assert " ".join(said.split()) in on_one_line(mail.text)


# --- a hundred units, and something in every section ------------------------------------------------------------


def a_hundred_units() -> SummaryFigures:
    units = [
        Unit(f"u{number}", f"Trung tâm Y tế khu vực Bình Chánh số {number}", f"Nhóm đơn vị {number % 8}", headcount=40)
        for number in range(100)
    ]
    people = {unit.code: PEOPLE["bv-tu-du"] for unit in units}
    declared = Declaration(40, NOW.date(), 30, 12)
    standings = tuple(standing(unit, people[unit.code], declared) for unit in units)
    findings = [Finding(unit.code, 5, f"quy-tac-{number}", "sai") for unit in units for number in range(25)]
    rows = tuple(range(4, 3_004))
    pairs = tuple(SharedNumber(((f"u{number}", rows), (f"u{number + 1}", (5,)))) for number in range(99))
    judged = Sample(
        config(units), NOW, standings, people_frame(people), findings_frame(findings), cross_unit_duplicates=pairs
    )
    figures = summary_figures(judged)
    late = Forecast(Outlook.LATE, 28, Pace(4, 10.0, 3), 4, NOW.date().replace(month=9), 143)
    return replace(
        figures,
        silent=tuple(SilentUnit(unit.name, 9) for unit in units),
        at_risk=tuple(replace(line, forecast=late) for line in figures.units[:60]),
        standing_still=tuple(
            replace(line, forecast=Forecast(Outlook.STANDING_STILL, 28)) for line in figures.units[60:]
        ),
    )


@pytest.fixture(scope="module")
def large() -> WrittenMail:
    return MailWriter().write(SUMMARY, a_hundred_units())


def test_a_hundred_units_fit_into_what_gmail_shows(large: WrittenMail) -> None:
    assert len(large.html.encode()) < GMAIL_CUTS_AT


def test_the_text_of_a_hundred_units_reads_in_a_narrow_window(large: WrittenMail) -> None:
    assert max(map(len, large.text.splitlines())) <= 72


def test_every_unit_is_ranked_and_long_lists_say_what_they_leave_out(large: WrittenMail) -> None:
    for said in (on_one_line(large.text), on_one_line(visible(large))):
        ranking = said.rpartition("Kết quả từng đơn vị")[2] or said.rpartition("KẾT QUẢ TỪNG ĐƠN VỊ")[2]
        assert ranking.count("Trung tâm Y tế khu vực Bình Chánh số") >= 100
        assert "Và 50 đơn vị khác, xem bảng số liệu kèm theo." in said
        assert "và 30 đơn vị khác." in said
        assert "(9 ngày); và 90 mục khác, xem bảng số liệu kèm theo." in said
        assert said.count("à 90 mục khác") == 2
        assert said.count("à 89 mục khác") == 1
        assert "Và 15 loại lỗi khác, xem bảng số liệu kèm theo." in said


@pytest.mark.browser
@needs_chromium
def test_the_picture_is_no_wider_than_the_window(written: WrittenMail, tmp_path: Path) -> None:
    inside = base64.b64encode(written.attachments[0].content).decode()
    html = written.html.replace(f"cid:{PICTURE_ID}", f"data:image/png;base64,{inside}")
    laid_out = laid_out_widths([(html, width) for width in WIDTHS], tmp_path)
    assert [width <= shown for width, shown in zip(laid_out, WIDTHS, strict=True)] == [True] * len(WIDTHS)
