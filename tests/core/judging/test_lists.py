"""Lists that units already keep come in as they are: who is counted, what is asked, who is told."""

from __future__ import annotations

import pytest

from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.workbook import Merged, Snapshot, Tab
from automation.core.reading.old_encodings import proposed_reading
from tests.lists import LEGACY, LISTS
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
