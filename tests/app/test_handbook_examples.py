"""The admin's handbook: every worked example does what the page says, and nothing that is shipped goes unnamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from msgspec import Struct

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.admin.settings import SETTINGS
from automation.core.config import tabs
from automation.core.config.conditions import Operator
from automation.core.config.ladder import RECIPIENTS
from automation.core.config.mail_kinds import MAIL_TEMPLATES, SAMPLES, Part
from automation.core.config.meanings import Exemption, all_words, rank_of
from automation.core.config.values import PLACEHOLDERS, TO_CORRECT, Config, FieldType, HeadcountSource
from automation.core.judging.checks import CHECKS, IDENTITY_ASPECTS
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.units import CountsAs, Mode, Severity
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot
from automation.core.reading.cells import as_text
from tests.tree import ROOT
from tests.workbooks import NOW, SOUND, registry, unit_line, unit_tab

HANDBOOK = ROOT / "docs" / "quan-tri"
PAGES = {page.stem: page.read_text("utf-8") for page in sorted(HANDBOOK.glob("*.md"))}
UNIT = "mot"
NEW = "(thêm)"


# --- tables of a page -------------------------------------------------------------------------------------

Table = Sequence[Mapping[str, str]]


def cells_of(line: str) -> list[str]:
    """The cells of a line of a Markdown table; a backslash before a bar keeps it."""
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def tables_of(section: str) -> Iterator[Table]:
    """Every table of a section: its lines by header."""
    for block in re.findall(r"(?:^\|.*\n?)+", section, re.MULTILINE):
        headers, _, *lines = [cells_of(line) for line in block.strip().splitlines()]
        yield [dict(zip(headers, line, strict=True)) for line in lines]


class Example(Struct, frozen=True):
    """One section of the page."""

    title: str
    changes: Table
    person: Mapping[str, str]
    outcome: Mapping[str, Mapping[str, str]]
    """By "Trước", "Sau"; empty for a change that is refused."""
    refusal: Table


def examples() -> list[Example]:
    _, *sections = re.split(r"^## ", PAGES["vi-du"], flags=re.MULTILINE)
    return [read_example(section) for section in sections]


def read_example(section: str) -> Example:
    tables = {next(iter(table[0])): table for table in tables_of(section)}
    person = {line["Ô của người được xét"]: line["Nội dung"] for line in tables.get("Ô của người được xét", [])}
    outcome = {line[""]: line for line in tables.get("", [])}
    return Example(section.splitlines()[0], tables["Trang"], person, outcome, tables.get("Lỗi cấu hình", []))


def applied(changes: Table) -> ConfigTables:
    """The shipped tables with the changes of an example."""
    shipped = {**default_tables(), tabs.REGISTRY: registry(unit_line(UNIT))}
    tables: dict[str, list[list[Cell]]] = {title: [list(row) for row in rows] for title, rows in shipped.items()}
    for change in changes:
        title, key = change["Trang"], change["Dòng"].removesuffix(NEW).strip()
        if change["Dòng"].endswith(NEW):
            tables[title].append(new_row(title, key))
        row = next(row for row in tables[title] if key_of(title, row) == key)
        column = tabs.HEADERS[title].index(change["Ô"])
        assert as_text(row[column]) == change["Giá trị trước"], change
        row[column] = change["Giá trị mới"]
    return tables


def key_columns(title: str) -> list[int]:
    names = ("Danh mục", "Giá trị") if title == tabs.LISTS else ("Mục", "Mã")
    return [place for place, header in enumerate(tabs.HEADERS[title]) if header in names]


def key_of(title: str, row: Row) -> str:
    return " / ".join(as_text(row[place]) for place in key_columns(title)[: 1 + (title == tabs.LISTS)])


def new_row(title: str, key: str) -> list[Cell]:
    named = dict(zip(key_columns(title), key.split(" / "), strict=False))
    return [named.get(place) for place in range(len(tabs.HEADERS[title]))]


def judged_under(tables: ConfigTables, person: Mapping[str, str]) -> Judged:
    config = read_config(tables)
    assert isinstance(config, Config), config
    tab = unit_tab(config, UNIT, [{**SOUND, **{header: cell or None for header, cell in person.items()}}])
    return judge(Snapshot((tab,)), config, {}, NOW)


def outcome_of(judged: Judged) -> tuple[str, str]:
    (line,) = judged.people.to_dict("records")
    return line["label"], line["sheet_errors"]


def test_the_page_starts_from_the_person_that_it_shows() -> None:
    (shown,) = tables_of(PAGES["vi-du"].partition("\n## ")[0])
    assert {line["Ô"]: line["Nội dung"] for line in shown} == SOUND
    assert f"ngày xét là {NOW:%d/%m/%Y}" in PAGES["vi-du"].replace("\n", " ")


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.title)
def test_an_example_does_what_the_page_says(example: Example) -> None:
    tables = applied(example.changes)
    if example.refusal:
        read = read_config(tables)
        assert isinstance(read, Refused)
        told = [(f"{problem.where}: {problem.what}", problem.fix) for problem in read.problems]
        assert [(line["Lỗi cấu hình"], line["Cách sửa"]) for line in example.refusal] == told
        return
    said = {when: (line["Kết quả"], line["Lỗi cần sửa"]) for when, line in example.outcome.items()}
    before, after = judged_under(applied([]), example.person), judged_under(tables, example.person)
    assert said == {"Trước": outcome_of(before), "Sau": outcome_of(after)}


# --- the page for units -----------------------------------------------------------------------------------

MISTAKES_SECTION = "## Năm lỗi thường gặp\n"
UNDER_WAY = {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": ""}
"""Of the person in whose row the mistakes are made."""


def mistakes() -> Table:
    page = (ROOT / "docs" / "don-vi.md").read_text("utf-8")
    (table,) = tables_of(page.partition(MISTAKES_SECTION)[2].partition("\n## ")[0])
    return table


def in_quotes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: mistake["Đã ghi"])
def test_a_usual_mistake_is_told_and_mended_as_the_page_says(mistake: Mapping[str, str]) -> None:
    (header,), (mended, *_) = in_quotes(mistake["Cột"]), in_quotes(mistake["Ghi lại"])
    blank = [""] if mistake["Đã ghi"].startswith("để trống") else []
    wrong, *others = [*blank, *in_quotes(mistake["Đã ghi"])]
    person = UNDER_WAY | dict(zip(others[::2], others[1::2], strict=True))
    before, after = (outcome_of(judged_under(applied([]), person | {header: cell})) for cell in (wrong, mended))
    assert mistake["Hệ thống báo"] in " ".join(before)
    assert after[1] == ""
    assert after[0] != before[0] or before[1]


def test_the_page_for_units_shows_the_five_usual_mistakes() -> None:
    assert len(mistakes()) == 5


def test_there_are_at_least_ten_examples() -> None:
    assert len(examples()) >= 10


# --- nothing unnamed --------------------------------------------------------------------------------------


def codes(title: str, header: str = "Mã") -> list[str]:
    column = tabs.HEADERS[title].index(header)
    return [as_text(row[column]) for row in default_tables()[title][1:]]


NAMED: Mapping[str, Sequence[str]] = {
    "README": tabs.CONFIG_TABS,
    "cau-hinh": [*codes(tabs.SETTINGS, "Mục"), *(spec.name for spec in SETTINGS.values())]
    + [each.value for each in HeadcountSource]
    + [*(part.value for part in Part), *SAMPLES, *(name for kind in SAMPLES.values() for name in kind)],
    "cot-du-lieu": [*codes(tabs.FIELDS), *(each.value for each in FieldType)],
    "danh-muc": [*codes(tabs.LISTS, "Danh mục"), *(word for word in all_words() if rank_of(word) in (None, 1))],
    "quy-tac": [*codes(tabs.RULES), *(each.value for each in (*Mode, *Severity)), *(f"{{{p}}}" for p in PLACEHOLDERS)],
    "trang-thai": [*codes(tabs.STATUSES), *(each.value for each in CountsAs), TO_CORRECT],
    "chi-so": codes(tabs.PART_RATES),
    "van-ban": codes(tabs.DOCUMENTS, "Số"),
    "nhac-viec": [*codes(tabs.LADDER), *MAIL_TEMPLATES, *(each.value for each in Mode), *RECIPIENTS],
    "don-vi": tabs.REGISTRY_COMPUTED,
    "dieu-kien": [*(each.value for each in Operator), *(each.value for each in Exemption), "Số lỗi", "Số cảnh báo"],
    "phep-kiem-tra": [*CHECKS, *IDENTITY_ASPECTS],
}
"""Page -> what has to stand on it between backquotes."""

TABS_OF_PAGES = {
    "cau-hinh": tabs.SETTINGS,
    "cot-du-lieu": tabs.FIELDS,
    "danh-muc": tabs.LISTS,
    "quy-tac": tabs.RULES,
    "trang-thai": tabs.STATUSES,
    "chi-so": tabs.PART_RATES,
    "van-ban": tabs.DOCUMENTS,
    "nhac-viec": tabs.LADDER,
    "don-vi": tabs.REGISTRY,
}


@pytest.mark.parametrize("page", NAMED)
def test_everything_that_is_shipped_is_named(page: str) -> None:
    quoted = " ".join(re.findall(r"`([^`]+)`", PAGES[page]))
    wanted = [*NAMED[page], *(tabs.HEADERS[TABS_OF_PAGES[page]] if page in TABS_OF_PAGES else ())]
    assert [name for name in dict.fromkeys(wanted) if name not in quoted] == []


@pytest.mark.parametrize("page", NAMED)
def test_every_code_on_a_page_is_shipped(page: str) -> None:
    if page in TABS_OF_PAGES and "Mã" in tabs.HEADERS[TABS_OF_PAGES[page]] and page != "don-vi":
        known = {*codes(TABS_OF_PAGES[page]), *MAIL_TEMPLATES}
        named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", PAGES[page]))
        assert named <= known


def test_statuses_go_by_their_names() -> None:
    shown = [line for table in tables_of(PAGES["trang-thai"]) for line in table if "Mã" in line]
    assert [(line["Mã"].strip("`"), line["Trạng thái"]) for line in shown] == list(
        zip(codes(tabs.STATUSES), codes(tabs.STATUSES, "Trạng thái"), strict=True)
    )


@pytest.mark.parametrize("page", PAGES)
def test_pages_keep_the_register_and_their_links(page: str) -> None:
    plain = re.sub(r"`[^`]*`|!(?=\[)", "", PAGES[page])  # a picture has one, too
    assert "!" not in plain
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[page]):
        assert (HANDBOOK / target).exists(), target
