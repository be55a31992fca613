"""The draft report as a .docx in the form of official documents (Decree 30/2020/NĐ-CP, annex I).

Number, day and signature are left blank: the clerk assigns the first two, and a draft signs nothing. What it says
stands in `templates/report/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Cm, Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from msgspec import Struct

from automation.adapters.documents.reproducible import reproducible
from automation.adapters.mail.writer import environment
from automation.base.messages import text
from automation.base.paths import TEMPLATES
from automation.core.figures.overall import Rated
from automation.core.figures.summary import SummaryFigures, UnitLine
from automation.core.model.palette import BLACK
from automation.core.text.vietnamese import day_text, left_figure, number_text, rate_text

_FONT = "Times New Roman"
_TEXT_WIDTH, _APPENDIX_WIDTH = Mm(160), Mm(257)
_AGENCY_WIDTH, _NATION_WIDTH = Mm(58), Mm(102)
_LEFT, _CENTRE, _RIGHT, _JUSTIFIED = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)
_UNITS_LOWEST = 5
_TABLE_LINE = re.compile(r"\[table (\w+)\]")


def report_document(figures: SummaryFigures) -> bytes:
    """The file; the same figures always give the same bytes."""
    document = Document()
    _set_up(document)
    _Report(document, figures).write()
    document.core_properties.title = _subject(figures)
    document.core_properties.author = figures.issuer
    document.core_properties.comments = ""
    out = BytesIO()
    document.save(out)
    return reproducible(out.getvalue(), figures.as_of)


# --- what stands in it ----------------------------------------------------------------------------------------


class _Report:
    """Writes the parts of the report one below the other."""

    def __init__(self, document: DocumentObject, figures: SummaryFigures) -> None:
        self._document = document
        self._figures = figures
        self._head = figures.report

    def write(self) -> None:
        self._write_head()
        self._write_title()
        for line in report_lines(self._figures):
            self._write_line(line)
        self._write_end()
        self._write_appendix()

    def _write_head(self) -> None:
        """Who issues it on the left, whose country on the right."""
        left, right = _side_by_side(self._document, _AGENCY_WIDTH, _NATION_WIDTH)
        parent, issuer = _agencies(self._figures)
        if parent:
            _line(left, parent.upper(), 12)
        _line(left, issuer.upper(), 12, bold=True)
        _rule(left, _width_of(issuer.upper(), 12) * 0.4, _AGENCY_WIDTH)
        _line(left, text("report_document.number", symbol=self._head.symbol), 13, before=6)
        _line(left, text("report_document.draft"), 12, bold=True, before=6)
        motto = text("report_document.motto")
        _line(right, text("report_document.nation"), 12, bold=True)
        _line(right, motto, 13, bold=True)
        _rule(right, _width_of(motto, 13), _NATION_WIDTH)
        _line(right, self._blank_date(), 13, italic=True, before=6 if parent else 0)

    def _blank_date(self) -> str:
        year, place = self._figures.as_of.year, self._head.place
        if place:
            return text("report_document.date", place=place, year=year)
        return text("report_document.date_only", year=year)

    def _write_title(self) -> None:
        _paragraph(self._document, text("report_document.type"), 14, bold=True, before=18, after=0)
        subject = _subject(self._figures)
        _paragraph(self._document, subject, 14, bold=True, after=0)
        _rule(self._document, min(_width_of(subject, 14), _TEXT_WIDTH) * 0.4, _TEXT_WIDTH)
        if self._head.parent_agency:
            to = text("report_document.to", agency=self._head.parent_agency)
            _paragraph(self._document, to, 14, before=12, after=12)

    def _write_line(self, line: str) -> None:
        if table := _TABLE_LINE.fullmatch(line):
            _TABLES[table[1]](self._figures).draw(self._document, _TEXT_WIDTH)
            return
        for mark in ("## ", "# "):
            if line.startswith(mark):
                heading = _paragraph(self._document, line.removeprefix(mark), 14, bold=True, align=_JUSTIFIED)
                heading.paragraph_format.first_line_indent = _INDENT
                heading.paragraph_format.keep_with_next = True
                return
        body = _paragraph(self._document, line, 14, align=_JUSTIFIED)
        body.paragraph_format.first_line_indent = _INDENT
        body.paragraph_format.keep_with_next = line.endswith((":", "./."))

    def _write_end(self) -> None:
        """Whom it goes to on the left, who signs on the right."""
        left, right = _side_by_side(self._document, Mm(80), Mm(80))
        _line(left, text("report_document.recipients_title"), 12, bold=True, italic=True, align=_LEFT)
        for recipient in text("report_document.recipients").strip().splitlines():
            _line(left, recipient, 11, align=_LEFT)
        _line(right, text("report_document.signer"), 14, bold=True)
        for _ in range(5):
            _line(right, "", 14)

    def _write_appendix(self) -> None:
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(20)
        _number_from_one(section)
        _paragraph(self._document, text("report_document.appendix"), 14, bold=True, after=0)
        _paragraph(self._document, text("report_document.appendix_title"), 14, bold=True, after=0)
        of = text(
            "report_document.appendix_of",
            symbol=self._head.symbol,
            year=self._figures.as_of.year,
            issuer=self._figures.issuer,
        )
        _paragraph(self._document, of, 13, italic=True, after=10)
        _units_table(self._figures).draw(self._document, _APPENDIX_WIDTH)
        if not all(line.known for line in self._figures.units):
            _paragraph(self._document, text("report_document.unread_note"), 11, italic=True, align=_LEFT)


def report_lines(figures: SummaryFigures) -> list[str]:
    """The body of the report, one line a paragraph, heading or table. Raises `jinja2.TemplateError`."""
    made = environment(TEMPLATES / "report", TEMPLATES / "mail")
    made.filters.update(pieces=_pieces, phrase=_phrase)
    ranked = [line for line in figures.units if line.rank and (line.unit.rate or 0) < line.unit.target]
    lowest = tuple(reversed(ranked[-_UNITS_LOWEST:]))
    lines = made.get_template("body.txt").render(f=figures, lowest=lowest).splitlines()
    return [line.strip() for line in lines if line.strip()]


def _pieces(basis: str) -> list[str]:
    return [piece.strip() for piece in basis.split(";") if piece.strip()]


def _phrase(name: str) -> str:
    """A name within a sentence: "Cấp thẻ" becomes "cấp thẻ", and "VNeID" stays."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _subject(figures: SummaryFigures) -> str:
    return text("report_document.subject", campaign=_phrase(figures.campaign))


def _agencies(figures: SummaryFigures) -> tuple[str, str]:
    """The agency above and the one that issues, which does not repeat the place that stands above it."""
    parent, place, issuer = figures.report.parent_agency, figures.report.place, figures.issuer
    if parent and place and parent.endswith(place):
        return f"{parent.removesuffix(place).strip()}\n{place}", issuer.removesuffix(place).strip() or issuer
    return parent, issuer


# --- tables ---------------------------------------------------------------------------------------------------


class _Column(Struct, frozen=True):
    header: str
    share: float
    """Of the table's width; the shares of a table add up to anything."""
    align: WD_ALIGN_PARAGRAPH = _RIGHT


class _TableText(Struct, frozen=True):
    """A table in words: `total` is its last line, in bold."""

    columns: Sequence[_Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    size: float = 12

    def draw(self, document: DocumentObject, width: Length) -> None:
        """Below what is there: a header that every page repeats, rows that no page break cuts."""
        table = document.add_table(rows=0, cols=len(self.columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        whole = sum(column.share for column in self.columns)
        widths = [Length(int(width * column.share / whole)) for column in self.columns]
        for column, share in zip(table.columns, widths, strict=True):
            column.width = share
        self._draw_row(table, [column.header for column in self.columns], widths, bold=True, align=_CENTRE)
        _mark(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        for row in self.rows:
            self._draw_row(table, row, widths)
        if self.total:
            self._draw_row(table, self.total, widths, bold=True)
        _paragraph(document, "", 6, after=0)

    def _draw_row(
        self,
        table: Table,
        words: Sequence[str],
        widths: Sequence[Length],
        bold: bool = False,
        align: WD_ALIGN_PARAGRAPH | None = None,
    ) -> None:
        row = table.add_row()  # type: ignore[no-untyped-call]
        _mark(row._tr.get_or_add_trPr(), "w:cantSplit")
        for cell, word, column, width in zip(row.cells, words, self.columns, widths, strict=True):
            cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _line(cell, word, self.size, bold=bold, align=column.align if align is None else align, before=2, after=2)


def _column(key: str, share: float, align: WD_ALIGN_PARAGRAPH = _RIGHT) -> _Column:
    return _Column(text(f"summary_workbook.columns.{key}"), share, align)


def _funnel(figures: SummaryFigures) -> _TableText:
    columns = (_column("result", 9, _LEFT), _column("people", 3), _column("share", 3))
    funnel = figures.funnel
    rows = [(line.label, number_text(line.people), rate_text(line.share)) for line in funnel.occupied]
    if funnel.not_entered.people:
        rows.append(
            (funnel.not_entered_label, number_text(funnel.not_entered.people), rate_text(funnel.not_entered.rate))
        )
    return _TableText(columns, rows, (text("summary_workbook.sum"), number_text(funnel.everybody), ""))


def _rated_columns(figures: SummaryFigures) -> Sequence[_Column]:
    deferred = (_column("deferred", 1.8),) if figures.asks_exemptions else ()
    return (_column("in_scope", 2.2), *deferred, _column("done", 2.2), _column("left", 2), _column("rate", 2))


def _rated(of: Rated, figures: SummaryFigures) -> Sequence[str]:
    tally = of.tally
    deferred = (tally.deferred,) if figures.asks_exemptions else ()
    left = left_figure(of)
    shown = left if isinstance(left, str) else number_text(left)
    return (*map(number_text, (tally.in_scope, *deferred, tally.done)), shown, rate_text(of.rate))


def _groups(figures: SummaryFigures) -> _TableText:
    columns = (_column("group", 5, _LEFT), _column("units", 1.6), *_rated_columns(figures))
    rows = [
        (each.name or text("figures.no_group"), number_text(each.units), *_rated(each, figures))
        for each in figures.groups
    ]
    whole = (text("summary_workbook.total"), number_text(figures.overall.units), *_rated(figures.overall, figures))
    return _TableText(columns, rows, whole)


def _categories(figures: SummaryFigures) -> _TableText:
    columns = (_column("category", 5, _LEFT), *_rated_columns(figures))
    rows = [(each.name or text("figures.no_category"), *_rated(each, figures)) for each in figures.categories]
    if figures.party is not None:
        rows.append((figures.party.name, *_rated(figures.party, figures)))
    return _TableText(columns, rows)


def _difficulties(figures: SummaryFigures) -> _TableText:
    columns = (_column("difficulty", 9, _LEFT), _column("people", 2.5), _column("units", 2.5))
    rows = [
        (each.label or text("summary_workbook.free_text"), number_text(each.people), number_text(len(each.units)))
        for each in figures.difficulties
    ]
    return _TableText(columns, rows)


_TABLES: dict[str, Callable[[SummaryFigures], _TableText]] = {
    "funnel": _funnel,
    "groups": _groups,
    "categories": _categories,
    "difficulties": _difficulties,
}


def _units_table(figures: SummaryFigures) -> _TableText:
    columns = (
        _Column(text("report_document.position"), 1, _CENTRE),
        _column("unit", 8, _LEFT),
        *_rated_columns(figures),
        *(_Column(part.name, 2.2) for part in figures.parts),
        _column("reached_on", 2.6),
    )
    rows = [(str(number), *_unit(line, figures)) for number, line in enumerate(figures.units, start=1)]
    parts = [part.share.people for part in figures.parts]
    whole = ("", text("summary_workbook.total"), *_rated(figures.overall, figures), *map(number_text, parts))
    return _TableText(columns, rows, (*whole, _day(figures)), size=11)


def _unit(line: UnitLine, figures: SummaryFigures) -> Sequence[str]:
    of = line.standing
    name = of.name if of.known else text("report_document.unread_mark", name=of.name)
    people = (of.parts.get(part.code, 0) for part in figures.parts)
    *counts, _ = _rated(line.unit, figures)
    # A unit that never was read has people and no rate.
    return (name, *counts, rate_text(of.rate), *map(number_text, people), _day(line))


def _day(of: UnitLine | SummaryFigures) -> str:
    return day_text(of.forecast.reached_on) if of.forecast.reached_on else ""


# --- how it is drawn ------------------------------------------------------------------------------------------

_INDENT = Cm(1.27)


def _set_up(document: DocumentObject) -> None:
    """A4 upright, the margins and the font of the decree; page numbers at the top, none on the first page."""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(14)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), _FONT)
    language = OxmlElement("w:lang")
    for script in ("w:val", "w:eastAsia"):
        language.set(qn(script), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = _CENTRE
    _add_page_number(number)


def _add_page_number(paragraph: Paragraph) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph.add_run().font.size = Pt(13)
    paragraph._p.append(field)


def _number_from_one(section: Section) -> None:
    """An appendix has page numbers of its own."""
    section.different_first_page_header_footer = True
    numbering = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
    section._sectPr.insert_element_before(numbering, "w:cols", "w:titlePg", "w:docGrid")


_NO_CELL_MARGINS = (
    f'<w:tblCellMar {nsdecls("w")}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
)


def _side_by_side(document: DocumentObject, left: Length, right: Length) -> tuple[_Cell, _Cell]:
    """Two cells without borders, which stay on one page."""
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _mark(table.rows[0]._tr.get_or_add_trPr(), "w:cantSplit")
    table._tblPr.append(parse_xml(_NO_CELL_MARGINS))
    cells = table.rows[0].cells
    for column, cell, width in zip(table.columns, cells, (left, right), strict=True):
        column.width = cell.width = width
    return cells[0], cells[1]


def _paragraph(
    document: DocumentObject | _Cell,
    words: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
    before: float = 0,
    after: float = 6,
) -> Paragraph:
    paragraph = document.add_paragraph()
    _fill(paragraph, words, size, bold, italic)
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.15
    return paragraph


def _line(
    cell: _Cell,
    words: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
    before: float = 0,
    after: float = 0,
) -> None:
    """A line of a cell, without the space that paragraphs have between them; a new cell has one to begin with."""
    is_new = len(cell.paragraphs) == 1 and not cell.paragraphs[0].runs
    paragraph = cell.paragraphs[0] if is_new else cell.add_paragraph()
    _fill(paragraph, words, size, bold, italic)
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.0


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _fill(paragraph: Paragraph, words: str, size: float, bold: bool, italic: bool) -> None:
    # Without a character the line would be as high as the document's own letters.
    run = paragraph.add_run(_CONTROL.sub("", words) or "\u00a0")
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _rule(parent: DocumentObject | _Cell, length: float, width: Length) -> None:
    """A centred line of that length, as the decree wants it below agency, motto and subject."""
    paragraph = parent.add_paragraph()
    paragraph.alignment = _CENTRE
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = Pt(4)
    layout.left_indent = layout.right_indent = Length(max(0, int((width - length) / 2)))
    borders = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="6" w:space="0" w:color="{BLACK}"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _width_of(words: str, size: float) -> int:
    """About how wide a bold line is: the letters of the font have these widths on the average."""
    longest = max(words.split("\n"), key=len)
    em = 0.57 if longest.isupper() else 0.43
    return int(len(longest) * em * Pt(size))


def _mark(properties: object, name: str) -> None:
    properties.append(OxmlElement(name))  # type: ignore[attr-defined]
