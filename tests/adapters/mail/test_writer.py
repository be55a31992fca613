"""What mails say. The whole mails stand in `tests/golden/mail/`; after a wanted change they are written anew by

TCCB_WRITE_GOLDEN=1 python -m pytest tests/adapters/mail/test_writer.py
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jinja2
import lxml.html
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.adapters.mail import writer
from automation.adapters.mail.writer import MailWriter, WrittenMail, wrapped
from automation.base.paths import TEMPLATES
from automation.core.admin.in_force import Refusal
from automation.core.config.mail_kinds import (
    ADMIN_TASKS,
    ALARM,
    LEFT_OVER,
    MAIL_TEMPLATES,
    REFUSAL,
    REMINDER,
    SUMMARY,
    UNREADABLE,
)
from automation.core.config.values import LegalDocument, Settings
from automation.core.figures.admin_tasks import admin_figures
from automation.core.figures.forecast import Pace, pace_needed
from automation.core.figures.history import Reading
from automation.core.figures.period import Period
from automation.core.figures.summary import summary_figures
from automation.core.figures.unit import Occasion, ReminderFigures, StartFigures, TabPlace, reminder_figures
from automation.core.judging.left_over import LeftOver
from automation.core.mail.alarms import AlarmFigures, UnreadableFigures
from automation.core.mail.left_overs import LeftOverFigures, left_over_figures
from automation.core.mail.refusals import PROBLEMS, RefusalFigures, refusal_figures
from automation.core.model.problems import Problem
from automation.core.model.units import Tally, Unit
from tests.core.judged_sample import (
    NOW,
    PEOPLE,
    SENT,
    SETTINGS,
    STATUSES,
    TU_DU,
    WORKING_DAYS_LEFT,
    Finding,
    Person,
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
from tests.core.mail.ladder_examples import default_ladder
from tests.tree import GOLDEN

GOLDEN_MAILS = GOLDEN / "mail"
FILE = TabPlace("BV Từ Dũ", file="danh-sach.xlsx")
ADDRESS = TabPlace(
    "BV Từ Dũ",
    url="https://docs.example.org/spreadsheets/d/abc/edit?a=1&b=2#gid=7",
    address_of=lambda cells: f"https://docs.example.org/d/abc#range={cells}",
)
TRIAL = replace(SETTINGS, mail_mode_real=False)
WRITER = MailWriter()

LONG_NAME = "Nguyễn Thị Phương Thảo Nguyên"
GMAIL_CUTS_AT = 102 * 1024
"""Bytes of HTML after which Gmail hides the rest of a mail."""


def figures_of(
    judged: Sample, unit: str = TU_DU.code, place: TabPlace = ADDRESS, days: int = WORKING_DAYS_LEFT
) -> ReminderFigures:
    earlier = Reading(date(2023, 4, 18), 10, 1)
    occasion = Occasion(
        place, days, days, earlier, Pace(24, 10.0, 5), real_recipients=("a@example.org", "b@example.org")
    )
    return reminder_figures(judged, {unit: occasion})[unit]


def unit_of(
    people: list[Person], findings: list[Finding] | None = None, unit: Unit = TU_DU, settings: Settings = SETTINGS
) -> Sample:
    return Sample(
        config((unit,), settings),
        NOW,
        (standing(unit, people),),
        people_frame({unit.code: people}),
        findings_frame(findings or []),
    )


def overdue() -> Sample:
    return replace(sample(), now=datetime(2023, 5, 4, 8, 0, tzinfo=NOW.tzinfo))


def refused(settings: Settings = SETTINGS, problems: int = 1) -> RefusalFigures:
    found = tuple(
        Problem(f"Trang “Quy tắc”, ô E{row}", "Không có giá trị “<b>bắt bược</b>”.", "Dùng “bắt buộc”.")
        for row in range(4, 4 + problems)
    )
    refusal = Refusal(found, datetime(2023, 4, 12, 1, 30, tzinfo=UTC), NOW)
    return refusal_figures(refusal, settings, NOW, "danh-sach.xlsx", ("quan-tri@example.org",))


def left_over_mail() -> LeftOverFigures:
    found = (
        LeftOver("cccd", "Số CCCD", (("BV Từ Dũ", 1_180), ("BV Quận 4", 20))),
        LeftOver("x", "X", (("BV <b>", 1),)),
    )
    return left_over_figures(found, SETTINGS, NOW, "danh-sach.xlsx", ("quan-tri@example.org",))


EMPTY = Sample(config(), NOW, (), people_frame({}), findings_frame([]))
LOST = AlarmFigures(
    unit=TU_DU.name,
    campaign=SETTINGS.campaign,
    issuer=SETTINGS.issuer,
    as_of=NOW,
    before=1250,
    now=40,
    read_at=datetime(2023, 4, 20, 7, 45, tzinfo=NOW.tzinfo),
    place=ADDRESS,
    contact=SETTINGS.contact,
    test_recipients=None,
)


NOT_READ = UnreadableFigures(
    unit=TU_DU.name,
    campaign=SETTINGS.campaign,
    issuer=SETTINGS.issuer,
    as_of=NOW,
    what="Thiếu cột “Mức tài khoản” ở dòng tiêu đề (dòng 7); số liệu giữ theo lần đọc được gần nhất.",
    fix="Ghi lại tên cột “Mức tài khoản”.",
    place=ADDRESS,
    contact=SETTINGS.contact,
    test_recipients=None,
)


START = StartFigures(
    purpose="Để làm được thủ tục hành chính trên Cổng dịch vụ công trực tuyến.",
    documents=(
        LegalDocument("Nghị định số 59/2022/NĐ-CP", date(2022, 9, 5), "của Chính phủ quy định về định danh điện tử"),
    ),
    relatives_request="Đề nghị đơn vị vận động gia đình, người thân, bạn bè đăng ký sớm.",
    year_end="Kết quả là một tiêu chí đánh giá, xếp loại chất lượng cuối năm.",
    usual_mistakes=("Mới đăng ký mà đã coi là xong.", "Số định danh mất số 0 ở đầu."),
    declarations=("Tổng số người", "Ngày quán triệt"),
)


def mails() -> Mapping[str, WrittenMail]:
    summary = summary_figures(under_way(TRIAL), history_under_way(), SENT, real_recipients=("hr@example.org",))
    weekly = summary_figures(sample(), history(), SENT, period=Period.WEEK)
    return {
        "nhac-viec": WRITER.write(REMINDER, figures_of(sample())),
        "nhac-viec-thu": WRITER.write(REMINDER, figures_of(sample(TRIAL), place=FILE)),
        "nhac-viec-khong-ten": WRITER.write(REMINDER, figures_of(sample(replace(SETTINGS, names_in_mail=False)))),
        "nhac-viec-chua-nhap": WRITER.write(REMINDER, figures_of(sample(), "bv-q11")),
        "bat-dau": WRITER.write("bat-dau", replace(figures_of(sample(), "bv-q11"), start=START)),
        "qua-han": WRITER.write("qua-han", figures_of(overdue(), days=0)),
        "im-lang": WRITER.write("im-lang", figures_of(sample())),
        "thu-truong": WRITER.write("thu-truong", figures_of(sample())),
        "cam-on": WRITER.write("cam-on", figures_of(sample(), "bv-q4")),
        "tong-hop": WRITER.write(SUMMARY, summary),
        "tong-hop-tuan": WRITER.write(SUMMARY, weekly),
        "mat-dong": WRITER.write(ALARM, LOST),
        "chua-doc-duoc": WRITER.write(UNREADABLE, NOT_READ),
        "cau-hinh": WRITER.write(REFUSAL, refused()),
        "cot-da-tat": WRITER.write(LEFT_OVER, left_over_mail()),
        "quan-tri": WRITER.write(ADMIN_TASKS, admin_figures(sample(), SENT, "danh-sach.xlsx")),
        "quan-tri-chua-co-don-vi": WRITER.write(ADMIN_TASKS, admin_figures(EMPTY, (), "danh-sach.xlsx")),
        "cau-hinh-thu": WRITER.write(REFUSAL, refused(TRIAL, problems=50)),
    }


@pytest.fixture(scope="module")
def written() -> Mapping[str, WrittenMail]:
    return mails()


KINDS = sorted(mails())


def everything(mail: WrittenMail) -> str:
    return "\n".join([mail.subject, mail.text, visible(mail)])


def page_of(mail: WrittenMail) -> Any:
    return lxml.html.fromstring(mail.html)


def visible(mail: WrittenMail) -> str:
    return str(page_of(mail).find("body").text_content())


def on_one_line(text: str) -> str:
    return " ".join(text.split())


# --- whole mails ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_reads_as_agreed(kind: str, written: Mapping[str, WrittenMail]) -> None:
    mail = written[kind]
    found = {f"{kind}.txt": f"{mail.subject}\n\n{mail.text}", f"{kind}.html": mail.html}
    if os.environ.get("TCCB_WRITE_GOLDEN"):
        for name, content in found.items():
            (GOLDEN_MAILS / name).write_text(content, encoding="utf-8")
        pytest.skip("written anew")
    for name, content in found.items():
        assert content == (GOLDEN_MAILS / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_fit_for_mail_programs(kind: str, written: Mapping[str, WrittenMail]) -> None:
    html, page = written[kind].html, page_of(written[kind])
    assert page.get("lang") == "vi"
    assert not page.xpath("//script | //img | //link | //iframe | //form")
    assert not re.search(r"flex|grid|float:|position:|@import|url\(", html)
    assert len(html.encode()) < GMAIL_CUTS_AT
    for cell in page.xpath("//td[@bgcolor]"):
        assert re.fullmatch(r"#[0-9a-fA-F]{6}", cell.get("bgcolor"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_reads_in_a_narrow_window(kind: str, written: Mapping[str, WrittenMail]) -> None:
    for line in written[kind].text.splitlines():
        assert len(line) <= 72 or line.startswith("https://"), line
        assert line == line.rstrip()
    assert "\n\n\n" not in written[kind].text


@pytest.mark.parametrize("kind", KINDS)
def test_the_register_is_plain_and_administrative(kind: str, written: Mapping[str, WrittenMail]) -> None:
    said = everything(written[kind])
    assert "!" not in said
    assert "yêu cầu" not in said.lower()
    assert "Trân trọng" in said
    assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", said)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_words_are_what_to_do_or_how_far_we_are(kind: str, written: Mapping[str, WrittenMail]) -> None:
    page = page_of(written[kind])
    preheader = page.xpath("string(//body/div[1])")
    assert re.search(r"Đề nghị|Đơn vị không cần làm gì thêm|người hoàn thành", preheader)
    assert on_one_line(preheader) in on_one_line(written[kind].text)


# --- subjects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("nhac-viec", "[Nhắc việc] Bệnh viện Từ Dũ: còn 9 người chưa hoàn thành (hạn 30/04/2023)"),
        ("nhac-viec-chua-nhap", "[Nhắc việc] Bệnh viện Quận 11: chưa nhập danh sách (hạn 30/04/2023)"),
        (
            "bat-dau",
            "[Bắt đầu] Bệnh viện Quận 11: Cấp thẻ gắn chíp và kích hoạt tài khoản định danh điện tử (hạn 30/04/2023)",
        ),
        ("qua-han", "[Quá hạn] Bệnh viện Từ Dũ: còn 9 người chưa hoàn thành (hạn 30/04/2023)"),
        ("cam-on", "[Đã đạt chỉ tiêu] Bệnh viện Quận 4: 3/3 người hoàn thành (100\u00a0%)"),
        ("tong-hop", "[Tổng hợp] 56,1\u00a0% hoàn thành, còn ít nhất 32 người (20/04/2023, hạn 30/04/2023)"),
    ],
)
def test_subjects(kind: str, subject: str, written: Mapping[str, WrittenMail]) -> None:
    assert written[kind].subject == subject


@pytest.mark.parametrize(
    ("to_go", "pace", "said"),
    [
        (3, Pace(4, 7.0, 4), "3 người trong 7 ngày làm việc (hiện nay: 4 người trong 7 ngày làm việc)"),
        (10, Pace(4, 7.0, 4), "10 người trong 7 ngày làm việc (hiện nay: 4 người trong 7 ngày làm việc)"),
        (3, Pace(16, 10.0, 4), "3 người trong 7 ngày làm việc (hiện nay: 16 người trong 10 ngày làm việc)"),
        (10, Pace(16, 10.0, 4), "1,5 người mỗi ngày làm việc (hiện nay: 1,6 người mỗi ngày làm việc)"),
        (14, Pace(16, 10.0, 4), "2 người mỗi ngày làm việc (hiện nay: 1,6 người mỗi ngày làm việc)"),
        (10, Pace(0, 10.0, 0), "1,5 người mỗi ngày làm việc (hiện nay: chưa có thêm người hoàn thành trong 10 ngày"),
        (10, None, "1,5 người mỗi ngày làm việc."),
        (15, Pace(20, 9.5, 4), "2,2 người mỗi ngày làm việc (hiện nay: 2,1 người mỗi ngày làm việc)"),
    ],
)
def test_what_is_needed_can_be_compared_with_what_is_done(to_go: int, pace: Pace | None, said: str) -> None:
    """Who did 4 in the last 7 days is in time for 3 more, and not behind "one a day"; nor is 1,6 a day behind "2"."""
    needed = pace_needed(to_go, 7)
    figures = replace(figures_of(sample()), to_go=to_go, pace_needed=needed, work_left=7, pace=pace)
    mail = WRITER.write(REMINDER, figures)
    for text in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert f"Để kịp hạn cần: {said}" in text


@pytest.mark.parametrize(
    ("to_go", "left", "said"),
    [
        (14, 6.5, "2,2 người mỗi ngày làm việc (hiện nay: 2,1 người mỗi ngày làm việc)"),
        (5, 6.97, "5 người trong 6,9 ngày làm việc (hiện nay: 21 người trong 10 ngày làm việc)"),
        (2, 0.4, "2 người trong thời gian làm việc còn lại của hôm nay (hiện nay: 2,1 người mỗi ngày làm việc)"),
    ],
)
def test_of_the_day_that_is_under_way_only_the_rest_is_left(to_go: int, left: float, said: str) -> None:
    """All of today was: who did 2,1 a day, and was a day late by the forecast, needed 2."""
    judged, pace = sample(), Pace(21, 10.0, 5)
    figures = reminder_figures(judged, {TU_DU.code: Occasion(FILE, 7, left, pace=pace)})[TU_DU.code]
    mail = WRITER.write(REMINDER, replace(figures, to_go=to_go, pace_needed=pace_needed(to_go, left)))
    for text in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert f"Để kịp hạn cần: {said}" in text


@pytest.mark.parametrize(("known", "said"), [(True, "9 người"), (False, "ít nhất 9 người")])
def test_the_letter_to_the_head_counts_as_far_as_anybody_knows(known: bool, said: str) -> None:
    mail = WRITER.write("thu-truong", replace(figures_of(sample()), is_size_known=known))
    for text in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert f"người chưa hoàn thành: {said}" in text.lower()


@pytest.mark.parametrize(("known", "said"), [(True, "3 người mỗi ngày"), (False, "ít nhất 3 người mỗi ngày")])
def test_a_pace_is_needed_for_as_many_as_anybody_knows(known: bool, said: str) -> None:
    """Beside "còn ít nhất 9 người" stood a pace as if there were no more."""
    figures = replace(figures_of(sample()), is_size_known=known, to_go=9, pace_needed=3.0, work_left=3.0)
    mail = WRITER.write(REMINDER, figures)
    for text in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert f"Để kịp hạn cần: {said}" in text


@given(st.text(max_size=60))
def test_no_name_of_a_unit_breaks_the_subject(name: str) -> None:
    subject = WRITER.write(REMINDER, figures_of(unit_of([Person("chua-khai")], unit=replace(TU_DU, name=name)))).subject
    assert len(subject.splitlines()) == 1
    assert subject.endswith("(hạn 30/04/2023)")


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_kick_off_tells_everything_that_a_unit_begins_with(form: str, written: Mapping[str, WrittenMail]) -> None:
    told = on_one_line(written["bat-dau"].text if form == "text" else visible(written["bat-dau"]))
    parts = (START.purpose, START.relatives_request, START.year_end, *START.usual_mistakes, *START.declarations)
    assert [part for part in parts if part not in told] == []
    assert "Nghị định số 59/2022/NĐ-CP ngày 05/09/2022 của Chính phủ" in told
    assert "hạn 30/04/2023" in told or "30/04/2023" in told
    bare = WRITER.write("bat-dau", replace(figures_of(sample()), start=StartFigures("", (), "", "", (), ())))
    assert [word for word in ("VĂN BẢN", "LỖI THƯỜNG GẶP", "VẬN ĐỘNG", "CUỐI NĂM") if word in bare.text] == []


# --- what must not get in ---------------------------------------------------------------------------------


def test_what_people_typed_is_never_markup() -> None:
    hostile = '<img src=x onerror=alert(1)> {{ 7 * 7 }} "&amp;'
    people = [Person("chua-khai", hostile), Person("loi", hostile)]
    findings = [Finding(TU_DU.code, 5, "cccd-12-so", f"“{hostile}” sai → sửa", header=hostile)]
    mail = WRITER.write(REMINDER, figures_of(unit_of(people, findings, unit=replace(TU_DU, name=hostile))))
    page = page_of(mail)
    assert not page.xpath("//img | //*[@onerror]")
    assert re.sub(r"\d", "•", hostile) in visible(mail)
    assert "49" not in visible(mail)


def test_units_and_settings_are_never_markup_in_the_summary() -> None:
    hostile = "<b onclick=x>Bệnh viện</b>"
    settings = replace(SETTINGS, campaign=hostile, legal_basis=hostile, issuer=hostile, contact=hostile)
    judged = unit_of([Person("chua-khai", difficulty="x")], unit=replace(TU_DU, name=hostile), settings=settings)
    page = lxml.html.fromstring(WRITER.write(SUMMARY, summary_figures(judged)).html)
    assert not page.xpath("//*[@onclick]")


def test_no_long_number_of_a_person_gets_out() -> None:
    number, phone = "079085000123", "0900 000 123"
    people = [Person("chua-khai", number), Person("loi", phone, difficulty=number, category=number)]
    findings = [Finding(TU_DU.code, 5, "cccd-12-so", f"“{number}” và {phone} sai → sửa")]
    judged = unit_of(people, findings)
    said = everything(WRITER.write(REMINDER, figures_of(judged)))
    said += everything(WRITER.write(SUMMARY, summary_figures(judged)))
    digits = re.sub(r"[ .\-]", "", said)
    assert number not in digits
    assert "0900000123" not in digits


def test_the_summary_and_a_mail_without_names_name_nobody(written: Mapping[str, WrittenMail]) -> None:
    names = {person.name for people in PEOPLE.values() for person in people}
    for kind in ("tong-hop", "nhac-viec-khong-ten"):
        assert not [name for name in names if name in everything(written[kind])]


# --- single facts -----------------------------------------------------------------------------------------


def test_a_test_mail_says_so_first_and_names_the_real_recipients(written: Mapping[str, WrittenMail]) -> None:
    trial = written["nhac-viec-thu"]
    assert trial.text.startswith("[Thư thử]")
    for said in (trial.text, visible(trial)):
        assert "a@example.org, b@example.org" in on_one_line(said)
    assert "[Thư thử]" not in everything(written["nhac-viec"])


def test_a_test_mail_to_nobody_says_so() -> None:
    occasion = Occasion(FILE, 7, 7)
    figures = reminder_figures(sample(TRIAL), {TU_DU.code: occasion})[TU_DU.code]
    assert "Chưa có địa chỉ nhận" in WRITER.write(REMINDER, figures).text


def test_the_link_leads_to_the_tab_and_a_file_is_named(written: Mapping[str, WrittenMail]) -> None:
    assert page_of(written["nhac-viec"]).xpath("//a/@href")[0] == ADDRESS.url
    assert ADDRESS.url in written["nhac-viec"].text
    assert "Bảng tính danh-sach.xlsx, trang BV Từ Dũ" in visible(written["nhac-viec-thu"])


@pytest.mark.parametrize(
    ("day", "working_days", "said"),
    [
        (20, 7, "trước khi hết ngày 30/04/2023 (còn 7 ngày làm việc, ngày cuối cùng là 28/04/2023)"),
        (29, 0, "trước khi hết ngày 30/04/2023."),
        (30, 0, "trong hôm nay, ngày 30/04/2023."),
    ],
)
def test_by_when(day: int, working_days: int, said: str) -> None:
    judged = replace(sample(), now=datetime(2023, 4, day, 8, 0, tzinfo=NOW.tzinfo))
    assert said in " ".join(WRITER.write(REMINDER, figures_of(judged, days=working_days)).text.split())


def test_after_the_deadline_the_mail_says_so_and_names_no_pace(written: Mapping[str, WrittenMail]) -> None:
    assert "Đã quá hạn 4 ngày (hạn 30/04/2023)" in written["qua-han"].text
    assert "mỗi ngày làm việc" not in written["qua-han"].text
    assert "6 ngày làm việc" not in written["qua-han"].text


def test_long_lists_say_how_much_they_leave_out() -> None:
    people = [Person("chua-khai")] * 50 + [Person("loi")] * 20
    findings = [Finding(TU_DU.code, row, "cccd-12-so", f"sai cách {row} → sửa") for row in range(54, 74)]
    mail = WRITER.write(REMINDER, figures_of(unit_of(people, findings)))
    for said in (mail.text, visible(mail)):
        assert "và 30 dòng nữa" in on_one_line(said)
        assert "Và 5 lỗi khác, xem cột Lỗi cần sửa trong trang tính." in on_one_line(said)


def test_every_row_is_a_link_that_opens_it_and_in_a_file_plain() -> None:
    """Also the row at which a cut list goes on."""
    judged = unit_of([Person("chua-khai")] * 50)
    links = page_of(WRITER.write(REMINDER, figures_of(judged))).xpath("//a[contains(@href, '#range=')]")
    opened = [(link.get("href").partition("#range=")[2], link.text) for link in links]
    assert opened[:2] == [("4:4", "dòng\u00a04"), ("5:5", "dòng\u00a05")]
    assert opened[-2:] == [("23:23", "dòng\u00a023"), ("24:24", "mở từ dòng 24")]
    in_a_file = WRITER.write(REMINDER, figures_of(judged, place=FILE))
    assert not page_of(in_a_file).xpath("//a")
    assert "Nguyễn Văn An (dòng 23), và 30 dòng nữa" in on_one_line(visible(in_a_file))


def test_a_mail_full_of_links_fits_into_what_gmail_shows() -> None:
    """Every step and every error that a mail shows, each with as many people as are shown, at an address of Google."""
    address = f"https://docs.google.com/spreadsheets/d/{'1' * 44}/edit#gid=1234567890&range="
    place = replace(ADDRESS, address_of=lambda cells: address + cells)
    status = next(each for each in STATUSES if each.code == "chua-khai")
    statuses = tuple(replace(status, code=f"buoc-{n}", order=20 + n, todo=status.todo * 4) for n in range(11))
    judged = unit_of([Person("chua-khai"), *[Person("loi", LONG_NAME)] * 300])
    judged = replace(judged, config=replace(judged.config, statuses=(*STATUSES, *statuses)))
    steps = [
        {**judged.people.iloc[0], "row": 400 + n, "status": f"buoc-{n % 11}", "name": LONG_NAME} for n in range(330)
    ]
    people = pd.concat([judged.people, pd.DataFrame(steps)], ignore_index=True)
    findings = [Finding(TU_DU.code, 5 + n, "cccd-12-so", f"{'sai ' * 20} {n % 15} → sửa {n % 15}") for n in range(300)]
    judged = replace(judged, people=people, findings=findings_frame(findings))
    mail = WRITER.write(REMINDER, figures_of(judged, place=place))
    assert len(page_of(mail).xpath("//a[contains(@href, 'range=')]")) > 400
    assert len(mail.html.encode()) < GMAIL_CUTS_AT


def test_the_mail_to_the_head_names_nobody(written: Mapping[str, WrittenMail]) -> None:
    said = everything(written["thu-truong"])
    assert not [person.name for people in PEOPLE.values() for person in people if person.name in said]
    assert "Kính gửi: Thủ trưởng Bệnh viện Từ Dũ" in on_one_line(written["thu-truong"].text)


def test_a_long_list_of_units_does_not_bury_the_rest() -> None:
    units = [replace(TU_DU, code=f"u{n}", name=f"Đơn vị {n}", headcount=None) for n in range(60)]
    judged = Sample(
        config(units), NOW, tuple(standing(unit, []) for unit in units), people_frame({}), findings_frame([])
    )
    mail = WRITER.write(SUMMARY, summary_figures(judged))
    for said in (mail.text, visible(mail)):
        assert "Chưa nhập danh sách (60 đơn vị): Đơn vị 0; Đơn vị 1; " in on_one_line(said)
        assert "Đơn vị 39; và 20 đơn vị khác." in on_one_line(said)


def test_an_unread_unit_is_never_shown_as_0_or_100_per_cent() -> None:
    judged = sample()
    unread = replace(judged.standings[3], tally=Tally(in_scope=40, done=40))
    only = replace(judged, standings=(judged.standings[0], unread))
    mail = WRITER.write(SUMMARY, summary_figures(only))
    assert "100\u00a0%" not in everything(mail)
    assert "không đọc được" in mail.text
    assert "16:00 ngày 18/04/2023" in on_one_line(mail.text)


def test_bars_are_as_long_as_the_rate(written: Mapping[str, WrittenMail]) -> None:
    page = page_of(written["tong-hop"])
    widths = {
        row.xpath("string(./td[1])").split(".")[-1].strip("\xa0 \n"): row.xpath(".//td[@height='8']/@width")
        for row in page.xpath("//tr[td[@width='110']]")
    }
    assert widths["Bệnh viện Quận 4"] == ["100%"]
    assert widths["Bệnh viện Từ Dũ"] == ["26%"]
    assert widths["Bệnh viện Quận 11"] == []


def test_a_hundred_units_fit_into_what_gmail_shows() -> None:
    units = [replace(TU_DU, code=f"u{n}", name=f"Trung tâm Y tế khu vực Bình Chánh số {n}") for n in range(100)]
    people = {unit.code: PEOPLE["bv-tu-du"] for unit in units}
    standings = tuple(standing(unit, people[unit.code]) for unit in units)
    judged = Sample(config(units), NOW, standings, people_frame(people), findings_frame([]))
    mail = WRITER.write(SUMMARY, summary_figures(judged))
    assert len(mail.html.encode()) < GMAIL_CUTS_AT


# --- a refused configuration --------------------------------------------------------------------------------


def test_a_refusal_says_where_what_and_how_and_which_configuration_rules() -> None:
    mail = WRITER.write(REFUSAL, refused())
    for said in (on_one_line(mail.text), on_one_line(visible(mail))):
        assert "Trang “Quy tắc”, ô E4: Không có giá trị “<b>bắt bược</b>”." in said
        assert "→ Dùng “bắt buộc”." in said
        assert "cấu hình có hiệu lực từ 08:30 ngày 12/04/2023 vẫn được dùng" in said
    assert mail.subject == "[Cấu hình] 1 lỗi, thay đổi chưa được áp dụng (danh-sach.xlsx)"


@pytest.mark.parametrize(
    ("problems", "rest"), [(PROBLEMS, None), (PROBLEMS + 1, "Và 1 lỗi khác, xem cột Lỗi cấu hình")]
)
def test_a_refusal_lists_a_bounded_number_of_problems(problems: int, rest: str | None) -> None:
    mail = WRITER.write(REFUSAL, refused(problems=problems))
    assert mail.text.count("- Trang “Quy tắc”") == PROBLEMS
    assert f"{problems} lỗi" in mail.subject
    assert ("lỗi khác" in everything(mail)) is (rest is not None)
    assert rest is None or rest in mail.text


def test_no_reminder_is_a_refusal() -> None:
    assert "cau-hinh" not in MAIL_TEMPLATES


# --- templates --------------------------------------------------------------------------------------------


def test_every_kind_that_the_default_ladder_names_exists() -> None:
    assert {rung.template for rung in default_ladder()} <= set(MAIL_TEMPLATES)


def test_templates_use_the_phrases_of_the_catalogue_and_all_of_them() -> None:
    sources = [path.read_text("utf-8") for path in (TEMPLATES / "mail").rglob("*.*")]
    sources.append(Path(writer.__file__).read_text("utf-8"))
    used = {key for source in sources for key in re.findall(r"""say\(\s*"(\w+)\"""", source)}
    catalogue = tomllib.loads((TEMPLATES / "messages" / "mail_text.toml").read_text("utf-8"))
    assert used == set(catalogue)


def test_a_misspelt_figure_in_a_template_is_an_error(tmp_path: Path) -> None:
    templates = tmp_path / "mail"
    shutil.copytree(TEMPLATES / "mail", templates)
    (templates / "im-lang" / "opening.txt").write_text("{{ f.no_such_figure }}", encoding="utf-8")
    with pytest.raises(jinja2.UndefinedError):
        MailWriter(templates).write("im-lang", figures_of(sample()))


@given(st.lists(st.text(alphabet="abcđ-→1. ", max_size=120), max_size=6))
def test_wrapping_loses_no_word(lines: list[str]) -> None:
    plain = "\n".join(lines)
    assert wrapped(plain).split() == plain.split()
    assert all(len(line) <= 72 or len(line.split()) <= 2 for line in wrapped(plain).splitlines())


@pytest.mark.parametrize(
    ("line", "second"),
    [
        ("- " + "chữ " * 30, "  chữ"),
        ("→ " + "chữ " * 30, "  chữ"),
        (" 62,5 %  còn 12 người      " + "chữ " * 30, " " * 27 + "chữ"),
        ("chữ " * 30, "chữ"),
    ],
)
def test_a_line_that_goes_on_hangs_below_its_beginning(line: str, second: str) -> None:
    assert re.match(re.escape(second) + r"( chữ)*$", wrapped(line).splitlines()[1])
