"""`init` on workbooks that Excel, other programs and people have made odd: not one cell is lost, whatever is drawn."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

from automation.adapters.excel.drawing.proof import changed_cell
from automation.adapters.excel.package import open_package
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.base.errors import CellWouldBeLost, TccbError
from automation.core.config import tabs
from tests.adapters.excel.files import MAIN, STRICT, parts_of
from tests.adapters.excel.hostile import part_of, rewrite, sheet_part, text_cell, with_merged, with_rows
from tests.app.test_hostile_files import UNITS, A, B

OWN = "Ghi chép"
EARLY = "http://schemas.openxmlformats.org/spreadsheetml/2006/5/main"
_STRICT_RELATIONSHIPS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Mutation = Callable[[Path, str, random.Random], None]
"""Done to a tab of the file, by its title."""
Cells = Mapping[str, tuple[object, str]]
"""By tab and place: value and formula."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "book.xlsx"
    path.with_name("units.csv").write_text(UNITS, "utf-8")
    set_up(ExcelWorkbook(path), path.with_name("units.csv"))
    for title in (A, B):
        people = (f'<row r="{n}">{_person(n)}</row>' for n in range(4, 12))
        with_rows(path, title, "".join(people))
    _add_tab(path, OWN, f'<row r="2">{text_cell("B2", "của đơn vị")}<c r="C2"><v>7</v></c></row>')
    return path


def _person(row: int) -> str:
    texts = {"B": f"Trần Văn An{'g' * (row % 3)}", "C": "05/09/1985", "E": f"07908500{row:04d}", "V": f"riêng {row}"}
    return "".join(text_cell(f"{column}{row}", text) for column, text in texts.items())


def _add_tab(path: Path, title: str, rows: str) -> None:
    """A tab that people made, behind all others."""
    book, links = (part_of(path, part).decode() for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    types = part_of(path, "[Content_Types].xml").decode()
    sheet = f'<sheet name="{title}" sheetId="900" xmlns:q="{_RELATIONSHIPS}" q:id="own"/></sheets>'
    link = f'<Relationship Id="own" Type="{_RELATIONSHIPS}/worksheet" Target="worksheets/own.xml"/></Relationships>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    override = f'<Override PartName="/xl/worksheets/own.xml" ContentType="{kind}"/></Types>'
    rewrite(
        path,
        {
            "xl/workbook.xml": book.replace("</sheets>", sheet),
            "xl/_rels/workbook.xml.rels": links.replace("</Relationships>", link),
            "[Content_Types].xml": types.replace("</Types>", override),
            "xl/worksheets/own.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        },
    )


@pytest.fixture
def path(tmp_path: Path, drawn: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(drawn.read_bytes())
    return path


# What cells hold, read without the program's own comparison


def cells_of(path: Path) -> Cells:
    found: dict[str, tuple[object, str]] = {}
    for tab in ExcelWorkbook(path).read().tabs:
        for number, row in enumerate(tab.rows, 1):
            values = ((column, value) for column, value in enumerate(row, 1) if value is not None)
            found |= {f"{tab.title} {number} {column}": (value, "") for column, value in values}
    for place, formula in _formulas(path):
        found[place] = found.get(place, (None, ""))[0], formula
    return found


def _formulas(path: Path) -> Iterator[tuple[str, str]]:
    with open_package(path) as package:
        for sheet in package.sheets:
            rows = etree.fromstring(package.read(sheet.part)).iterfind("{*}sheetData/{*}row")
            for row in {row.get("r"): row for row in rows if row.find("*/*") is not None}.values():
                for place, formula in _formulas_of(row):
                    yield f"{sheet.title} {place}", formula


def _formulas_of(row: etree._Element) -> Iterator[tuple[str, str]]:
    for cell in row.iterfind("{*}c"):
        formula, place = cell.find("{*}f"), re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", ""))
        if formula is not None and place:
            text = (formula.text or "", formula.get("si", ""), formula.get("ref", ""))
            yield f"{place[2]} {_number(place[1])}", " ".join(text)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# What is done to a workbook


def _namespace(name: str) -> Mutation:
    def mutate(path: Path, title: str, _: random.Random) -> None:
        part = sheet_part(path, title)
        rewrite(path, {part: part_of(path, part).decode().replace(MAIN, name)})

    return mutate


def _all_strict(path: Path, _title: str, _dice: random.Random) -> None:
    parts = {name: xml for name, xml in parts_of(path).items() if name.endswith((".xml", ".rels"))}
    pairs = ((MAIN, STRICT), (_RELATIONSHIPS, _STRICT_RELATIONSHIPS))
    for usual, strict in pairs:
        parts = {name: xml.replace(usual.encode(), strict.encode()) for name, xml in parts.items()}
    rewrite(path, {name: xml.decode() for name, xml in parts.items()})


def _prefixed(path: Path, title: str, _: random.Random) -> None:
    part = sheet_part(path, title)
    xml = part_of(path, part).decode()
    if "<worksheet" in xml:
        xml = re.sub(r"<(/?)([A-Za-z])", r"<\1x:\2", xml)
        rewrite(path, {part: xml.replace('xmlns="', 'xmlns:x="')})


def _merged(path: Path, title: str, dice: random.Random) -> None:
    row, column = dice.randint(1, 8), dice.choice("ABCDQRU")
    last = dice.choice((row, row + 1, row + 3, 1_048_576))
    with_merged(path, title, f"{column}{row}:{dice.choice('UVX')}{last}")


def _linked(path: Path, title: str, dice: random.Random) -> None:
    place = dice.choice(("B4", "D5", "W2", "C4:D6", "B4:B1048576", "A1"))
    part = sheet_part(path, title)
    link = f'<hyperlinks><hyperlink ref="{place}" location="A1" display="x"/></hyperlinks>'
    xml = part_of(path, part).decode()
    if "<hyperlinks>" not in xml:
        behind = "<pageMargins" if "<pageMargins" in xml else "</worksheet>"
        rewrite(path, {part: xml.replace(behind, link + behind, 1)})


def _hidden(path: Path, _title: str, dice: random.Random) -> None:
    book = part_of(path, "xl/workbook.xml").decode()
    rewrite(path, {"xl/workbook.xml": book.replace('state="visible"', 'state="hidden"', dice.choice((1, 3, 100)))})


def _blank_lines(path: Path, title: str, among: Iterable[int]) -> Sequence[int]:
    """Those where nothing stands yet, nor in the next one: two such rows of one number are refused."""
    tab = next(tab for tab in ExcelWorkbook(path).read().tabs if tab.title == title)
    held = {number for number, row in enumerate(tab.rows, 1) if any(cell is not None for cell in row)}
    return [number for number in among if not held & {number, number + 1}]


def _rows(*contents: str) -> Mutation:
    """Adds one of these to a row further down; "@" stands for its number, "§" for the next one's."""

    def mutate(path: Path, title: str, dice: random.Random) -> None:
        row = dice.choice(_blank_lines(path, title, range(12, 61)))
        content = dice.choice(contents).replace("@", str(row)).replace("§", str(row + 1))
        with_rows(path, title, content)

    return mutate


def _cells(*contents: str) -> Mutation:
    return _rows(*(f'<row r="@">{content}</row>' for content in contents))


def _in_the_head(path: Path, title: str, dice: random.Random) -> None:
    """Somebody's own cell at the right of a head line: two in one place are refused."""
    part, line = sheet_part(path, title), dice.randint(2, 3)
    xml = part_of(path, part).decode()
    place = f"Z{line}" if f'r="Y{line}"' in xml else f"Y{line}"
    content = dice.choice((text_cell(place, "riêng"), f'<c r="{place}"><f>1+1</f><v>2</v></c>'))
    rewrite(path, {part: re.sub(rf'(<row r="{line}"[^>]*>.*?)(</row>)', rf"\1{content}\2", xml, count=1)})


def _doubled(path: Path, title: str, dice: random.Random) -> None:
    """A row that stands in the file twice, once without a content, or behind rows of higher numbers."""
    row = dice.choice(_blank_lines(path, title, (5, 7, 20)) or [70])
    with_rows(path, title, f'<row r="{row}">{text_cell(f"C{row}", "Lê Thị Hai")}</row>')


MUTATIONS: Mapping[str, Mutation] = {
    "early": _namespace(EARLY),
    "strict": _namespace(STRICT),
    "all strict": _all_strict,
    "prefixed": _prefixed,
    "merged": _merged,
    "linked": _linked,
    "hidden": _hidden,
    "numbers": _cells(
        '<c r="F@"><v>12345678901234567</v></c><c r="V@"><v>0.1000000000000000055511151231257827</v></c>',
        '<c r="E@"><v>79085000001</v></c><c r="W@"><v>1E+20</v></c><c r="X@"><v>-0</v></c>',
        '<c r="C@" s="1"><v>99999999</v></c><c r="D@"><v>1e999</v></c>',
    ),
    "kinds": _cells(
        '<c r="B@" t="b"><v>1</v></c><c r="C@" t="d"><v>1985-09-05</v></c><c r="D@" t="e"><v>#REF!</v></c>',
        '<c r="B@" t="s"><v>99999</v></c><c r="C@" t="d"><v>x</v></c><c r="D@" t="b"><v>có</v></c>',
        '<c r="B@" t="str"><v> a  b </v></c><c r="C@" t="x"><v>1</v></c><c r="" t="str"><v>y</v></c>',
    ),
    "texts": _cells(
        '<c r="B@" t="inlineStr"><is><r><t xml:space="preserve">Lê </t></r><r><rPr><b/></rPr><t>Thị</t></r></is></c>',
        text_cell("B@", "a_x000D_b _x005F_x0041_") + text_cell("V@", "  "),
        text_cell("B@", "<![CDATA[<Lê & Thị>]]>") + text_cell("V@", "Tuye\u0302\u0301n"),
        text_cell("B@", "=1+1") + text_cell("V@", "'079085000001"),
    ),
    "formulas": _cells(
        '<c r="V@"><f>6*7</f><v>42</v></c><c r="W@"><f>6*8</f></c><c r="C@" s="1"><f>45000+90</f><v>45090</v></c>',
        '<c r="V@" t="str"><f>IF(1,"","x")</f><v></v></c><c r="W@" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="V@"><f t="array" ref="V@:W@">A@:B@</f><v>1</v></c><c r="W@"><v>2</v></c>',
    ),
    "shared": _rows(
        '<row r="@"><c r="V@"><f t="shared" si="0" ref="V@:V§">A@+1</f><v>1</v></c></row>'
        '<row r="§"><c r="V§"><f t="shared" si="0"/><v>2</v></c></row>',
        '<row r="@"><c r="V@"><f t="shared" si="3"/><v>1</v></c></row>'
        '<row r="§"><c r="V§"><f t="shared" si="3" ref="V@:V§">A§</f><v>2</v></c></row>',
    ),
    "rows": _rows(
        f'<row r="0">{text_cell("B0", "x")}</row>',
        f'<row>{text_cell("", "y")}</row><row r="9000">{text_cell("XFD9000", "xa")}</row>',
        f'<row r="1048576">{text_cell("B1048576", "x")}</row><row r="@" ht="9" hidden="1"/>',
        f'<!-- x --><row r="@"><!-- y -->{text_cell("B@", "Trần Văn Cường")}</row><?x y?>',
    ),
    "in the head": _in_the_head,
    "doubled": _doubled,
}


def _keeps_every_cell(path: Path, story: str) -> None:
    before, was = cells_of(path), path.read_bytes()
    try:
        set_up(ExcelWorkbook(path))
    except TccbError:
        assert path.read_bytes() == was, story
        raise
    after = cells_of(path)
    assert {place: held for place, held in before.items() if after.get(place) != held} == {}, story
    with ZipFile(path) as archive:
        assert archive.testzip() is None


def mutated(path: Path, seed: int) -> str:
    """Do one to four things to the file; returns which."""
    dice = random.Random(seed)
    kinds = dice.choices(list(MUTATIONS), k=dice.randint(1, 4))
    where: Sequence[str] = (A, A, B, OWN, tabs.REGISTRY)
    done = []
    for kind in sorted(kinds, key=lambda kind: "strict" in kind or kind in ("early", "prefixed")):
        title = dice.choice(where)
        MUTATIONS[kind](path, title, dice)
        done.append(f"{kind} in {title}")
    return ", ".join(done)


_ALL_AT_ONCE = ("merged", "linked", "numbers", "kinds", "texts", "formulas", "shared", "rows", "in the head", "doubled")
_BY_TAB: Sequence[Sequence[tuple[str, str]]] = (
    (*((kind, A) for kind in _ALL_AT_ONCE), ("hidden", A)),
    (("early", A), ("doubled", B), ("prefixed", OWN)),
    (("all strict", A),),
)


@pytest.mark.parametrize("done", _BY_TAB)
def test_init_loses_no_cell(path: Path, done: Sequence[tuple[str, str]]) -> None:
    for number, (kind, title) in enumerate(done):
        MUTATIONS[kind](path, title, random.Random(number))
    _keeps_every_cell(path, str(done))


_REFUSED = {11}
"""Whose rows without a number come to stand where others are, so that the file is not opened."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 300, 25))
def test_init_loses_no_cell_of_300_odd_workbooks(tmp_path: Path, drawn: Path, first: int) -> None:
    for seed in sorted(set(range(first, first + 25)) - _REFUSED):
        path = tmp_path / f"{seed}.xlsx"
        path.write_bytes(drawn.read_bytes())
        story = mutated(path, seed)
        _keeps_every_cell(path, f"seed {seed}: {story}")
        path.unlink()


# Before the drawn file takes the place of the old one


def test_where_a_cell_would_be_another_one_nothing_is_replaced_and_it_is_named(path: Path) -> None:
    """A formula that shows nothing, in a place that looks blank to whoever writes headers."""
    part = sheet_part(path, A)
    formula = '<c r="U3" t="str"><f>IF(1,"","x")</f><v></v></c>'
    rewrite(path, {part: re.sub(r'<c r="U3".*?</c>', formula, part_of(path, part).decode())})
    before = path.read_bytes()
    with pytest.raises(CellWouldBeLost, match='ô U3 của trang "BV A"'):
        set_up(ExcelWorkbook(path))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("<v>1</v>", "<v>1</v>", ""),
        ("<v>1</v>", "<v>2</v>", "V5"),
        ("<v>1</v>", "", "V5"),
        ("", "<v>1</v>", "V5"),
        ("<f>1+1</f><v>2</v>", "<f>1+1</f><v>2</v>", ""),
        ("<f>1+1</f><v>2</v>", "<v>2</v>", "V5"),
        ("<f>1+1</f><v>2</v>", "<f>1*2</f><v>2</v>", "V5"),
        ('<f t="shared" ref="V5:V6" si="0">A5</f>', "<f>A5</f>", ""),
        ('<f t="array" ref="V5">A5</f>', "<f>A5</f>", "V5"),
    ],
)
def test_a_cell_is_the_same_where_it_shows_the_same_by_the_same_formula(
    path: Path, before: str, after: str, place: str
) -> None:
    other = path.with_name("other.xlsx")
    other.write_bytes(path.read_bytes())
    for file, content in ((path, before), (other, after)):
        with_rows(file, A, f'<row r="12"><c r="V12">{content.replace("5", "12")}</c></row>')
    with open_package(path) as package, open(other, "rb") as target:
        found = changed_cell(package, target, {})
    assert (found.place if found else "") == place.replace("5", "12")
