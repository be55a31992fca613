"""Lists that units already keep come in as they are: who is counted, what is asked, who is told."""

from __future__ import annotations

import pytest

from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.people import find_unit_table, read_people
from automation.core.model.workbook import Merged, Snapshot, Tab
from automation.core.reading.old_encodings import proposed_reading
from tests.lists import LEGACY, LISTS, TWELVE
from tests.workbooks import NOW, config_with, unit_line


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Every list in the tab of a unit of its own."""
    config = config_with([unit_line(name) for name in LISTS])
    tabs = tuple(
        Tab(name, name, kept.rows, merged=tuple(Merged(*area) for area in kept.merged)) for name, kept in LISTS.items()
    )
    return judge(Snapshot(tabs), config, {}, NOW)


@pytest.mark.parametrize("name", LISTS)
def test_every_person_of_a_list_is_counted_and_nobody_else(name: str, judged: Judged) -> None:
    kept = LISTS[name]
    people = judged.people[judged.people["unit"] == name]
    standing = next(each for each in judged.standings if each.code == name)
    told = " | ".join(f"{p.what} {p.fix}" for p in judged.problems if f"“{name}”" in p.where)
    wrong = judged.findings[(judged.findings["unit"] == name) & (judged.findings["rule"] != "cccd-trung-don-vi-khac")]
    assert tuple(people["row"]) == kept.people
    assert standing.known == bool(kept.people)
    assert standing.done == kept.done
    assert [each for each in kept.said if each not in told] == []
    assert not kept.clean or sorted(set(wrong["rule"])) == []
    assert kept.clean or len(wrong)


@pytest.mark.parametrize("as_added", [False, True])
def test_headings_between_people_tell_their_department(*, as_added: bool) -> None:
    """Also where a column for it was added and nobody has filled it in."""
    kept = LISTS["by_department"]
    rows = [
        [*row, *[None] * (10 - len(row)), "Khoa/Phòng" if as_added and n == 7 else None]
        for n, row in enumerate(kept.rows, 1)
    ]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    found = [str(cell).casefold() for cell in read_people([table], config).typed("khoa-phong")]
    assert found == [p.department.casefold() for p in TWELVE]


def test_subtotals_alone_tell_no_department() -> None:
    kept = LISTS["sections"]
    rows = [row for row in kept.rows if row[:1] not in (["I"], ["II"])]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    assert [str(cell or "") for cell in read_people([table], config).typed("khoa-phong")] == [""] * 4


@pytest.mark.parametrize(("name", "person"), [("split_name", "Nguyễn Văn An"), ("given_name_apart", "Dương Văn Tú")])
def test_everybody_is_called_by_the_whole_name(name: str, person: str, judged: Judged) -> None:
    assert person in set(judged.people["name"][judged.people["unit"] == name])


@pytest.mark.parametrize(("typed", "meant"), list(zip(LEGACY, ["Nguyễn Văn An"] * 3 + [""] * 2, strict=True)))
def test_a_name_of_an_old_encoding_is_read_and_goes_into_no_mail(typed: str, meant: str, judged: Judged) -> None:
    assert proposed_reading(typed) == meant
    assert set(judged.people["name"][judged.people["unit"] == "legacy"]) == {""}
    line = LISTS["legacy"].people[LEGACY.index(typed)]
    said = judged.people["sheet_errors"][(judged.people["unit"] == "legacy") & (judged.people["row"] == line)].item()
    assert "lỗi phông chữ" in said
    assert meant in said
