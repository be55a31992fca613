"""Reading rows by patterns gives what reading them as a tree gives, whatever program wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from automation.adapters.excel.plain_rows import NotPlain, PlainSheet
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.base.errors import NotAWorkbook
from tests.adapters.excel.files import sheet_xml, write_file

TREE = "<!-- x -->"
"""A worksheet with a comment is always read as a tree; as a cell or a row a comment is nothing."""
_NUMBERS = (
    "1",
    "0",
    "-7",
    "0.1",
    "1E+20",
    "12345678901234567",
    "1e999",
    "nan",
    "x",
    " 5 ",
    "45000",
    "31295.5",
    "19900229",
    "",
)
_TEXTS = (
    *(
        "An",
        " An  Bình ",
        "Tuye\u0302\u0301n",
        "a_x000D_b",
        "_x0041_",
        "=1+1",
        "#REF!",
        "079085000001",
        "\u200b",
        "",
        "\t",
    ),
    *(
        "&amp;",
        "a&lt;b&gt;",
        "&#65;&#x42;",
        "&quot;x&apos;",
        "&xyz;",
        "&#0;",
        "& x",
        "a\r\nb",
        "]]&gt;",
        "\ufffe",
        "\x01",
        "x" * 2_000,
    ),
)
_KINDS = ("", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="d"', ' t="e"', ' t="inlineStr"', ' t="?"', ' t="n" t="s"')
_STYLES = ("", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="99"', ' s="x"', ' q:s="1"', ' s="1" cm="1"')
_FORMULAS = (
    "",
    "",
    "",
    "<f>1+1</f>",
    "<f/>",
    '<f t="shared" si="0"/>',
    "<f>A1&amp;B1</f>",
    '<f t="array" ref="A1">1</f>',
)
_PLACES = ("A{}", "B{}", "C{}", "AA{}", "XFD{}", "XFE{}", "b{}", "A", "", "{}", "A1", "A{} ")
_ENDS = ("</c>", "</c>", "</c>\n ", "</c>x", "")


@st.composite
def cells(draw: st.DrawFn) -> str:
    place = draw(st.sampled_from(_PLACES)).format(draw(st.sampled_from(("1", "5"))))
    reference = draw(st.sampled_from((f' r="{place}"', f' r="{place}"', f" r='{place}'", "")))
    attributes = reference + draw(st.sampled_from(_STYLES)) + draw(st.sampled_from(_KINDS))
    value, text = draw(st.sampled_from((*_NUMBERS, *_TEXTS))), draw(st.sampled_from(_TEXTS))
    content = draw(
        st.sampled_from(
            (
                f"<v>{value}</v>",
                f"<v>{value}</v>",
                f"<is><t>{text}</t></is>",
                f'<is><t xml:space="preserve">{text}</t></is>',
                f"<is><r><t>{text}</t></r><r><rPr><b/></rPr><t>b</t></r></is>",
                "<v/>",
                "<v></v>",
                "<is/>",
                "<is><t/></is>",
                "",
                "<x/>",
                f"<v>{value}</v><extLst/>",
            )
        )
    )
    formula = draw(st.sampled_from(_FORMULAS))
    bare = not content and not formula and draw(st.booleans())
    return f"<c{attributes}/>" if bare else f"<c{attributes}>{formula}{content}{draw(st.sampled_from(_ENDS))}"


@st.composite
def rows(draw: st.DrawFn) -> str:
    number = draw(
        st.sampled_from((' r="1"', ' r="2"', ' r="5"', ' r="5"', ' r="900"', ' r="0"', "", ' r="x"', " r='5'"))
    )
    more = draw(st.sampled_from(("", "", ' spans="1:5"', ' ht="9" hidden="1"', ' q:a="1"', ' r="3"')))
    content = "".join(draw(st.lists(cells(), max_size=4)))
    if not content and draw(st.booleans()):
        return f"<row{number}{more}/>"
    return f"<row{number}{more}>{content}</row>"


ODD = st.sampled_from(("", "", "", "", "\n", "x", "<row>", "</row>", "<c/>", "&amp;", "&x;"))


def read(path: Path, content: Sequence[str], more: str = "") -> object:
    xml = sheet_xml("".join(content) + more, before='<dimension ref="A1"/>')
    write_file(path, {"A": xml})
    try:
        (tab,) = ExcelWorkbook(path).read().tabs
    except NotAWorkbook:
        return "refused"
    return [[(type(value), value) for value in row] for row in tab.rows], tab.left_out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(st.one_of(rows(), rows(), rows(), ODD), max_size=5))
@example(content=['<row r="1"/>', '<row r="1" q:a="1"/>', '<row r="1"/>'])
@example(content=['<row r="1"/>', '<row r="1" r="3"/>', '<row r="1"/>'])
@example(content=['<row r="1"/>', '<row r="1"><c r="A1"><v/></row>', '<row r="1"/>'])
@example(content=['<row r="1"/>', '<row r="1"><c r="A1" t="n" t="s"/></row>', '<row r="1"/>'])
@example(content=['<row r="1"/>', '<row r="0"><c r="A1"><v>1</v></c></row>'])
@example(content=['<row r="1"/>', "&x;", '<row r="1"/>'])
def test_both_ways_of_reading_give_the_same(tmp_path: Path, content: list[str]) -> None:
    assert read(tmp_path / "book.xlsx", content) == read(tmp_path / "book.xlsx", content, TREE)


USUAL = (
    '<row r="1" spans="1:3"><c r="A1" s="1"><v>31295</v></c><c r="B1" t="s"><v>0</v></c><c r="C1" s="3"/></row>',
    '<row r="2"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> An </t></is></c>'
    '<c r="B2"><f>1+1</f><v>2</v></c></row>',
    '<row r="3"/><row r="4"></row><row r="5"><c r="A5" t="str"><f>"a"</f><v>a</v></c></row><row r="6" ht="9"/>',
)


def test_what_programs_write_is_read_by_patterns() -> None:
    xml = sheet_xml("".join(USUAL))
    found = list(PlainSheet(BytesIO(xml.encode())).rows())
    assert [(row.said, type(row.cells).__name__) for row in found] == [
        ("1", "PlainCells"),
        ("2", "PlainCells"),
        ("3", "NoneType"),
        ("4", "NoneType"),
        ("5", "PlainCells"),
    ]


@pytest.mark.parametrize(
    "xml",
    [
        sheet_xml(f"{USUAL[0]}{TREE}"),
        sheet_xml(USUAL[0]).replace("<row", "<x:row"),
        sheet_xml(USUAL[0])[:-20],
        sheet_xml(USUAL[0], after="<row/>"),
        sheet_xml(USUAL[0], before="<!DOCTYPE x>"),
        '<?xml version="1.0" encoding="latin-1"?>' + sheet_xml(USUAL[0]),
    ],
)
def test_what_only_a_parser_understands_is_left_to_one(xml: str) -> None:
    with pytest.raises(NotPlain):
        list(PlainSheet(BytesIO(xml.encode())).rows())
