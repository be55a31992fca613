"""The draft report: the form of Decree 30/2020/NĐ-CP, the figures of the summary, and blanks where a clerk writes."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Length
from docx.text.paragraph import Paragraph
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.adapters.documents.draft_report import report_document, report_lines
from automation.core.config.values import LegalDocument, Settings
from automation.core.figures.forecast import Forecast, Outlook, Pace
from automation.core.figures.history import Reading
from automation.core.figures.prospects import CampaignForecast
from automation.core.figures.summary import SummaryFigures, summary_figures
from automation.core.judging.judged import SharedNumber
from tests.core.judged_sample import (
    NOW,
    PEOPLE,
    SENT,
    SETTINGS,
    TU_DU,
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
from tests.examples import costly
from tests.office import converted, needs_pdftotext, needs_writer

CITY = "Thành phố Hồ Chí Minh"
HEADED = replace(SETTINGS, parent_agency=f"Ủy ban nhân dân {CITY}", place=CITY, report_symbol="BC-SYT")


def figures_of(settings: Settings = HEADED) -> SummaryFigures:
    return summary_figures(sample(settings), history(), SENT)


ALL_KNOWN = replace(figures_of().overall, units_of_unknown_size=0)


def opened(figures: SummaryFigures) -> DocumentObject:
    return Document(BytesIO(report_document(figures)))


@pytest.fixture(scope="module")
def report() -> DocumentObject:
    return opened(figures_of())


def cells(document: DocumentObject, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[table].rows]


def words(document: DocumentObject) -> str:
    in_tables = (text for table in range(len(document.tables)) for row in cells(document, table) for text in row)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *in_tables])


def paragraph(document: DocumentObject, beginning: str) -> Paragraph:
    return next(each for each in document.paragraphs if each.text.startswith(beginning))


def millimetres(length: Length | None) -> int:
    assert length is not None
    return round(float(length.mm))


# --- the form -------------------------------------------------------------------------------------------------


def test_the_page_is_a4_with_the_margins_of_the_decree(report: DocumentObject) -> None:
    page = report.sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [millimetres(each) for each in (page.page_width, page.page_height)] == [210, 297]
    assert [millimetres(each) for each in margins] == [20, 20, 30, 20]


def test_the_font_is_named_for_every_script(report: DocumentObject) -> None:
    fonts = report.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}


def test_the_head_names_both_agencies_the_country_and_leaves_number_and_day_blank(report: DocumentObject) -> None:
    [[left, right]] = cells(report, 0)
    assert [line for line in left.splitlines() if line.strip()] == [
        "ỦY BAN NHÂN DÂN",
        "THÀNH PHỐ HỒ CHÍ MINH",
        "SỞ Y TẾ",
        "Số:         /BC-SYT",
        "DỰ THẢO",
    ]
    assert [line for line in right.splitlines() if line.strip()] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Thành phố Hồ Chí Minh, ngày     tháng     năm 2023",
    ]


def test_sizes_and_styles_of_the_head(report: DocumentObject) -> None:
    [row] = report.tables[0].rows
    runs = {run.text: run for cell in row.cells for each in cell.paragraphs for run in each.runs}
    looks = {name: (run.font.size.pt if run.font.size else 0, run.bold, run.italic) for name, run in runs.items()}
    assert looks["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"] == (12, True, False)
    assert looks["Độc lập - Tự do - Hạnh phúc"] == (13, True, False)
    assert looks["ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH"] == (12, False, False)
    assert looks["SỞ Y TẾ"] == (12, True, False)
    assert looks["Số:         /BC-SYT"] == (13, False, False)
    assert looks["Thành phố Hồ Chí Minh, ngày     tháng     năm 2023"] == (13, False, True)


def test_title_subject_and_addressee_are_centred(report: DocumentObject) -> None:
    for beginning in ("BÁO CÁO", "Kết quả thực hiện cấp thẻ", f"Kính gửi: Ủy ban nhân dân {CITY}."):
        assert paragraph(report, beginning).alignment is WD_ALIGN_PARAGRAPH.CENTER


def test_the_body_is_justified_with_an_indent(report: DocumentObject) -> None:
    body = paragraph(report, "Thực hiện Công văn số 2536/SYT-TCCB ngày 11/04/2023 của Sở Y tế, Sở Y tế Thành phố")
    assert body.alignment is WD_ALIGN_PARAGRAPH.JUSTIFY
    indent, after = body.paragraph_format.first_line_indent, body.paragraph_format.space_after
    assert indent is not None
    assert after is not None
    assert (round(indent.cm, 2), after.pt) == (1.27, 6)
    assert body.runs[0].font.size == paragraph(report, "BÁO CÁO").runs[0].font.size


def test_headings_are_those_of_a_report(report: DocumentObject) -> None:
    headings = [each.text for each in report.paragraphs if re.match(r"[IV]+\. ", each.text)]
    assert headings == [
        "I. TÌNH HÌNH TRIỂN KHAI",
        "II. KẾT QUẢ THỰC HIỆN",
        "III. KHÓ KHĂN, VƯỚNG MẮC",
        "IV. KIẾN NGHỊ, ĐỀ XUẤT",
    ]
    assert all(paragraph(report, heading).runs[0].bold for heading in headings)


def test_it_ends_as_a_report_ends_and_nobody_has_signed(report: DocumentObject) -> None:
    assert sum(each.text.endswith("./.") for each in report.paragraphs) == 1
    [[left, right]] = cells(report, -2)
    assert left.splitlines()[0] == "Nơi nhận:"
    assert left.splitlines()[-1] == "- Lưu: VT, TCCB."
    assert right.split() == ["GIÁM", "ĐỐC"]


def test_pages_are_numbered_at_the_top_but_the_first(report: DocumentObject) -> None:
    section = report.sections[0]
    assert section.different_first_page_header_footer
    assert section.header._element.xpath(".//w:fldSimple/@w:instr") == ["PAGE"]
    assert section.header.paragraphs[0].alignment is WD_ALIGN_PARAGRAPH.CENTER
    assert not section.first_page_header._element.xpath(".//w:fldSimple")


def test_the_appendix_lies_across_and_counts_its_own_pages(report: DocumentObject) -> None:
    appendix = report.sections[1]
    assert appendix.orientation == WD_ORIENT.LANDSCAPE
    assert appendix._sectPr.xpath("./w:pgNumType/@w:start") == ["1"]
    assert cells(report, -1)[0][:3] == ["TT", "Đơn vị", "Thuộc đối tượng"]


@pytest.mark.parametrize("table", [1, 2, 3, 4, -1])
def test_tables_repeat_their_header_and_no_page_cuts_a_row(report: DocumentObject, table: int) -> None:
    first, *rest = report.tables[table].rows
    assert first._tr.xpath("./w:trPr/w:tblHeader")
    assert not [row for row in rest if row._tr.xpath("./w:trPr/w:tblHeader")]
    assert all(row._tr.xpath("./w:trPr/w:cantSplit") for row in rest)


ORDER_OF_SECTION = ["headerReference", "type", "pgSz", "pgMar", "pgNumType", "cols", "titlePg", "docGrid"]


def test_properties_stand_in_the_order_that_word_wants(report: DocumentObject) -> None:
    for section in report.sections:
        names = [child.tag.rpartition("}")[2] for child in section._sectPr]
        known = [ORDER_OF_SECTION.index(name) for name in names if name in ORDER_OF_SECTION]
        assert known == sorted(known)
    for properties in report.element.xpath("//w:pPr[w:pBdr]"):
        names = [child.tag.rpartition("}")[2] for child in properties]
        assert names.index("pBdr") < min(names.index(later) for later in ("spacing", "ind", "jc"))


# --- what it says ---------------------------------------------------------------------------------------------


def test_the_report_tells_the_figures_of_the_summary(report: DocumentObject) -> None:
    said = words(report)
    assert "Số người hoàn thành là 35/54 người, đạt 64,8\u00a0% (chỉ tiêu 100\u00a0%); còn ít nhất 19 người" in said
    assert "Tỷ lệ tăng 1,9 điểm phần trăm so với ngày 18/04/2023." in said
    assert "Đã đạt chỉ tiêu 100\u00a0%: 1 đơn vị, gồm Bệnh viện Quận 4." in said


def test_the_appendix_lists_every_unit_and_marks_the_unread(report: DocumentObject) -> None:
    _, *lines = cells(report, -1)
    assert [line[1] for line in lines] == [
        "Bệnh viện Quận 4",
        "Bệnh viện Từ Dũ",
        "Bệnh viện Quận 11",
        "Bệnh viện Da Liễu (*)",
        "Toàn ngành",
    ]
    assert lines[-1][2:7] == ["55", "1", "35", "≥19", "64,8\u00a0%"]
    assert any(each.text.startswith("(*)") for each in report.paragraphs)


def test_a_unit_that_never_was_read_has_no_rate_in_the_appendix() -> None:
    judged = sample()
    never = replace(judged.standings[-1], as_of=None)
    figures = summary_figures(replace(judged, standings=(*judged.standings[:-1], never)))
    *_, unread, _ = cells(opened(figures), -1)
    assert (unread[1], unread[6]) == ("Bệnh viện Da Liễu (*)", "–")


LATELY = Pace(24, 10.0, 6)


@pytest.mark.parametrize(
    ("forecast", "said"),
    [
        (
            CampaignForecast(Outlook.TOO_LITTLE_DATA, 9, needed=1.3),
            "Chưa đủ số liệu để dự báo. Để đạt chỉ tiêu đúng hạn cần 1,3 người hoàn thành mỗi ngày làm việc.",
        ),
        (
            CampaignForecast(Outlook.TOO_LITTLE_DATA, 3, needed=0.5),
            "Chưa đủ số liệu để dự báo. Để đạt chỉ tiêu đúng hạn cần thêm 3 người hoàn thành trong 7 ngày làm việc.",
        ),
        (CampaignForecast(Outlook.TOO_LITTLE_DATA, 9), "Chưa đủ số liệu để dự báo."),
        (
            CampaignForecast(Outlook.NO_DAY, 9, Pace(0, 4.1, 0), standing_still=1),
            "Trong 4,1 ngày làm việc gần đây chưa có thêm người hoàn thành. 1 đơn vị chưa có tiến triển",
        ),
        (CampaignForecast(Outlook.REACHED, 0, LATELY), "Các đơn vị đã đạt 100\u00a0%."),
        (
            CampaignForecast(
                Outlook.NO_DAY,
                9,
                Pace(2, 10.0, 2),
                2,
                standing_still=17,
                at_deadline=Reading(date(2023, 4, 30), 1000, 671),
            ),
            "Trong 10 ngày làm việc gần đây có thêm 2 người hoàn thành. 17 đơn vị chưa có tiến triển: chưa thể dự báo "
            "ngày đạt 100\u00a0%; đến hạn ước đạt 67,1\u00a0%. Để đạt chỉ tiêu đúng hạn "
            "cần thêm 9 người hoàn thành trong 7 ngày làm việc.",
        ),
        (
            CampaignForecast(Outlook.NO_DAY, 9, LATELY, 2, standing_still=1, too_far=2, without_data=3),
            "1 đơn vị chưa có tiến triển, 2 đơn vị cần trên nửa năm, 3 đơn vị chưa đủ số liệu: chưa thể dự báo",
        ),
        (
            CampaignForecast(Outlook.LATE, 9, Pace(12, 3.2, 3), 2, date(2023, 5, 12), 12),
            "Trong 3,2 ngày làm việc gần đây có thêm 12 người hoàn thành, bình quân 3,8 người mỗi ngày làm việc.",
        ),
        (
            CampaignForecast(Outlook.LATE, 9, LATELY, 2, date(2023, 5, 12), 12),
            "có thêm 24 người hoàn thành, bình quân 2,4 người mỗi ngày làm việc. Theo tốc độ hiện nay của từng đơn vị, "
            "đơn vị cuối cùng đạt 100\u00a0% ngày 12/05/2023, chậm 12 ngày.",
        ),
    ],
)
def test_what_is_said_of_the_pace(forecast: CampaignForecast, said: str) -> None:
    assert said in "\n".join(report_lines(replace(figures_of(), forecast=forecast, overall=ALL_KNOWN)))


@pytest.mark.parametrize(
    ("to_go", "needed", "said"),
    [
        (9, 1.3, "cần ít nhất 1,3 người hoàn thành mỗi ngày"),
        (3, 0.5, "cần thêm ít nhất 3 người hoàn thành trong 7 ngày"),
    ],
)
def test_a_pace_is_needed_for_as_many_as_anybody_knows(to_go: int, needed: float, said: str) -> None:
    forecast = CampaignForecast(Outlook.TOO_LITTLE_DATA, to_go, needed=needed)
    unknown = replace(ALL_KNOWN, units_of_unknown_size=1)
    assert said in "\n".join(report_lines(replace(figures_of(), forecast=forecast, overall=unknown)))


@pytest.mark.parametrize(
    ("days_left", "late", "still", "said", "not_said"),
    [
        (10, 0, 2, "- Có nguy cơ chậm thời hạn: 2 đơn vị chưa có thêm người hoàn thành trong 10", " 0 đơn vị"),
        (
            10,
            1,
            1,
            "thời hạn: 1 đơn vị theo tốc độ hiện nay hoàn thành sau thời hạn, 1 đơn vị chưa có thêm",
            "Đã quá hạn",
        ),
        (10, 1, 0, "hạn: 1 đơn vị theo tốc độ hiện nay hoàn thành sau thời hạn.", "0 đơn vị"),
        (-4, 1, 2, "- Đã quá hạn 30/04/2023 mà chưa đạt chỉ tiêu: 3 đơn vị, trong đó 2 đơn vị chưa có thêm", "nguy cơ"),
        (-4, 0, 0, "- Đã quá hạn 30/04/2023 mà chưa đạt chỉ tiêu: 3 đơn vị.", "nguy cơ"),
    ],
)
def test_who_is_late_and_who_may_be(days_left: int, late: int, still: int, said: str, not_said: str) -> None:
    figures = figures_of()
    units = tuple(replace(each, forecast=Forecast(Outlook.LATE, to_go=n)) for n, each in enumerate(figures.units))
    forecast = CampaignForecast(Outlook.NO_DAY, 9, LATELY)
    told = replace(figures, units=units, at_risk=units[:late], standing_still=units[:still], forecast=forecast)
    lines = "\n".join(report_lines(replace(told, days_left=days_left)))
    assert said in lines
    assert not_said not in lines


@pytest.mark.parametrize(("rows", "entered"), [(7, 3), (0, 2)])
def test_a_unit_that_cannot_be_read_now_had_entered_its_list(rows: int, entered: int) -> None:
    """Its people are in every table of the report."""
    *others, unread = sample().standings
    assert not unread.known
    lines = report_lines(summary_figures(replace(sample(), standings=(*others, replace(unread, rows=rows)))))
    assert any(line.startswith(f"Có {entered}/4 đơn vị đã nhập danh sách nhân sự; 1 đơn vị chưa") for line in lines)


def test_nobody_is_urged_on_where_all_are_through() -> None:
    lines = report_lines(replace(figures_of(), forecast=CampaignForecast(Outlook.REACHED, 0, LATELY)))
    assert not any("đôn đốc" in line for line in lines)
    assert any("tiếp tục theo dõi" in line for line in lines)


def test_the_documents_made_known_and_how_are_named() -> None:
    document = LegalDocument("Nghị định số 59/2022/NĐ-CP", date(2022, 9, 5), "của Chính phủ quy định về định danh")
    forms = (("họp", 3), ("gửi văn bản", 2), *((f"cách {number}", 1) for number in range(4)))
    figures = figures_of()
    told = replace(figures.dissemination, documents=(document,), forms=forms, reported=2, not_reported=("BV A",))
    lines = report_lines(replace(figures, dissemination=told))
    assert "- Nghị định số 59/2022/NĐ-CP ngày 05/09/2022 của Chính phủ quy định về định danh." in lines
    (line,) = [line for line in lines if line.startswith("Hình thức quán triệt")]
    assert line.startswith("Hình thức quán triệt: họp (3 đơn vị); gửi văn bản (2 đơn vị)")
    assert line.endswith("; hình thức khác (1 đơn vị).")
    assert any("2 đơn vị đã trao đổi khó khăn" in line for line in lines)
    assert any(line.startswith("Còn 1 đơn vị có khó khăn") and "BV A" in line for line in lines)


def test_the_report_to_the_city_has_no_word_of_the_system() -> None:
    pairs = (SharedNumber((("bv-q4", (5,)), ("bv-tu-du", (4, 9)))),)
    report = opened(summary_figures(replace(under_way(HEADED), cross_unit_duplicates=pairs), history_under_way(), SENT))
    said = words(report).lower()
    for word in ("trang tính", "hệ thống", "tệp", "bảng tính", "danh mục", "ghi tự do", "đọc được", "cấu hình"):
        assert word not in said
    assert not re.search(r"\bdòng\b|\bcột\b|\bô\b", said)


def test_without_an_agency_above_and_a_place_the_head_is_shorter() -> None:
    report = opened(figures_of(SETTINGS))
    [[left, right]] = cells(report, 0)
    assert left.splitlines()[0] == "SỞ Y TẾ THÀNH PHỐ HỒ CHÍ MINH"
    assert right.splitlines()[-1] == "ngày     tháng     năm 2023"
    assert "Kính gửi" not in words(report)


def test_the_register_is_that_of_an_office_and_nobody_is_named(report: DocumentObject) -> None:
    said = words(report)
    assert "!" not in said
    assert "yêu cầu" not in said.lower()
    assert not [person.name for people in PEOPLE.values() for person in people if person.name in said]


@pytest.mark.slow
@costly(25)
@given(st.text(max_size=30))
def test_whatever_a_unit_is_called_the_report_opens(name: str) -> None:
    unit = replace(TU_DU, name=name)
    judged = Sample(config((unit,)), NOW, (standing(unit, ()),), people_frame({}), findings_frame([]))
    assert len(cells(opened(summary_figures(judged)), -1)) == 3


def test_a_campaign_without_anybody_has_a_report_too() -> None:
    empty = Sample(config(), NOW, (), people_frame({}), findings_frame([]))
    assert "Các đơn vị chưa ghi nhận khó khăn" in words(opened(summary_figures(empty)))


def test_the_same_figures_are_the_same_bytes() -> None:
    assert report_document(figures_of()) == report_document(figures_of())


# --- as an office program lays it out -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.office
@needs_writer
@needs_pdftotext
def test_the_head_fits_its_lines_and_tables_go_on_with_their_header(tmp_path: Path) -> None:
    units = [replace(TU_DU, code=f"u{number}", name=f"Đơn vị số {number}") for number in range(100)]
    standings = tuple(standing(unit, PEOPLE["bv-tu-du"]) for unit in units)
    judged = Sample(config(units, HEADED), NOW, standings, people_frame({}), findings_frame([]))
    (tmp_path / "report.docx").write_bytes(report_document(summary_figures(judged)))
    pages = converted(tmp_path / "report.docx", "pdf", tmp_path / "out")
    shown = subprocess.run(["pdftotext", "-layout", str(pages), "-"], check=True, capture_output=True, text=True)
    first, *others = shown.stdout.rstrip("\f").split("\f")
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first
    assert re.search(r"ngày +tháng +năm 2023", first)
    pages_of_units = [page for page in others if "Đơn vị số" in page and "TT" in page]
    assert len(pages_of_units) >= 4
    assert all("Tỷ lệ" in page for page in pages_of_units)
    assert [page.split()[0] for page in pages_of_units[1:4]] == ["2", "3", "4"]
