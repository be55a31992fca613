"""What holds for whatever people put into a unit's tab."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from random import Random

import pandas as pd
import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.units import CountsAs
from automation.core.model.workbook import UNCALCULATED, Cell, Row, Snapshot, Tab
from automation.core.reading.cells import UNREADABLE, read_phone
from tests.core.facts import NAME, NUMBER, nfd
from tests.examples import costly
from tests.workbooks import NOW, SOUND, config_with, headers_of, unit_line

CONFIG = config_with([unit_line("a"), unit_line("b")])
HEADERS = headers_of(CONFIG)
COMPUTED = 3
few = costly(30)
STATUSES = {status.code for status in CONFIG.statuses}
COUNTS = {status.code: status.counts_as for status in CONFIG.statuses}

LIKELY: list[Cell] = [
    *(None, "", " ", "\u00a0", "\u200b", "#REF!", UNCALCULATED, "x", "X", True, False, 0, 1, 1.0, 2, -1, "-"),
    *SOUND.values(),
    *(nfd(str(cell)) for cell in SOUND.values()),
    *(79085000123, 1085000123, 790850001234, "023456789", "079 085 000 123", 31121, 31121.5, "31/02/1985", "1985"),
    *("Chưa làm", "Đã làm, chờ cấp", "Mất, hỏng, cần đổi", "Mức 2", "Chưa đăng ký", "Đã duyệt, chưa kích hoạt"),
    *("Đang ở nước ngoài", "Đã nghỉ hưu", "Đi học dài hạn trong nước", "20/04/2023", "19/04/2023", "18/10/2023"),
    *(datetime(1985, 3, 15), date(2023, 4, 21), time(8), datetime.min, datetime.max, date.min, date.max),
    *(1e300, -1e300, 10**30, "0900000123", 900000123, "Họ và tên", "(1)", "1", "A", "Tổng cộng", "Cộng:"),
]
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.sampled_from(LIKELY),
    st.sampled_from(LIKELY),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.times(),
)
SOUND_ROW: Row = [SOUND.get(header) for header in HEADERS]


@st.composite
def mostly_sound_rows(draw: st.DrawFn) -> Row:
    """A sound person with a few cells changed; judged further than a row of rubbish."""
    row = list(SOUND_ROW)
    for column in draw(st.sets(st.integers(0, len(row) - 1), max_size=4)):
        row[column] = draw(CELLS)
    return row


ROWS = st.lists(st.one_of(mostly_sound_rows(), st.lists(CELLS, max_size=len(HEADERS) + 2)), max_size=8)
"""People, most of them likely; ragged, with cells beyond the last header."""


def judged(rows: Sequence[Row], headers: Row = HEADERS) -> Judged:
    tabs = (Tab("a", "a", [[], [], headers, *rows]), Tab("b", "b", [HEADERS, SOUND_ROW]))
    return judge(Snapshot(tabs), CONFIG, {}, NOW)


def verdicts(of: Judged) -> Counter[tuple[object, ...]]:
    """What is said about everybody, row numbers aside."""
    rules: dict[object, list[str]] = {}
    for index, code in zip(of.findings.index, of.findings["rule"], strict=True):
        rules.setdefault(index, []).append(code)
    lines = zip(of.people.index, of.people["unit"], of.people["name"], of.people["status"], strict=True)
    return Counter((unit, name, status, *sorted(rules.get(index, []))) for index, unit, name, status in lines)


@few
@given(ROWS)
def test_everybody_gets_exactly_one_status_and_numbers_add_up(rows: list[Row]) -> None:
    result = judged(rows)
    of_a = result.people[result.people["unit"] == "a"]
    assert set(of_a["status"]) <= STATUSES
    assert of_a["row"].is_unique
    assert of_a["row"].between(4, 3 + len(rows)).all()
    standing = result.standings[0]
    assert standing.known
    assert standing.rows == len(of_a) == sum(standing.statuses.values())
    counted = of_a["status"].map(COUNTS)
    assert standing.out_of_scope == (counted == CountsAs.OUT_OF_SCOPE).sum()
    assert standing.in_scope == len(of_a) - standing.out_of_scope
    assert standing.done == (counted == CountsAs.DONE).sum()
    assert 0 <= standing.done <= standing.in_scope - standing.deferred
    assert set(of_a["row"][of_a["status"] == "loi"]) <= set(of_a["row"][of_a["errors"] > 0])
    assert not ((of_a["status"] == "xong") & (of_a["errors"] > 0)).any()


@few
@given(ROWS)
def test_every_row_is_a_person_or_plainly_none(rows: list[Row]) -> None:
    """Nobody is dropped in silence: a row with a name of two words or with a number is always judged."""
    judged_rows = set(judged(rows).people.query("unit == 'a'")["row"])
    name, number = HEADERS.index(NAME), HEADERS.index(NUMBER)
    for line, row in enumerate(rows, start=4):
        if len(row) > number and row[name] == SOUND[NAME] and row[number] == SOUND[NUMBER]:
            assert line in judged_rows


@few
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nobodys_fault(rows: list[Row], chance: Random) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert verdicts(judged(shuffled)) == verdicts(judged(rows))


@few
@given(ROWS, st.permutations(range(len(HEADERS))))
def test_the_order_of_columns_is_nobodys_fault(rows: list[Row], order: list[int]) -> None:
    full = [[row[place] if place < len(row) else None for place in range(len(HEADERS))] for row in rows]
    moved = [[row[place] for place in order] for row in full]
    assert verdicts(judged(moved, [HEADERS[place] for place in order])) == verdicts(judged(full))


@few
@given(ROWS)
def test_what_the_bot_wrote_beside_a_person_changes_nothing(rows: list[Row]) -> None:
    width = len(HEADERS) - COMPUTED
    bare = [list(row[:width]) for row in rows]
    written = [[*row, *[None] * (width - len(row)), "Hoàn thành", "Chờ tin nhắn.", "Lỗi – sai"] for row in bare]
    assert verdicts(judged(written)) == verdicts(judged(bare))


@few
@given(ROWS)
def test_judging_twice_says_the_same_and_touches_no_input(rows: list[Row]) -> None:
    before = copy.deepcopy(rows)
    first, second = judged(rows), judged(rows)
    pd.testing.assert_frame_equal(first.people, second.people)
    pd.testing.assert_frame_equal(first.findings, second.findings)
    assert (first.standings, first.total, first.problems) == (second.standings, second.total, second.problems)
    assert repr(rows) == repr(before)


@few
@given(st.lists(st.lists(CELLS, max_size=8), max_size=25))
def test_any_grid_is_a_tab_of_people_or_a_unit_that_is_unknown(grid: list[Row]) -> None:
    result = judge(Snapshot((Tab("a", "a", grid), Tab("c", "c", grid))), CONFIG, {}, NOW)
    assert [standing.code for standing in result.standings] == ["a", "b"]
    assert not result.standings[1].known
    for standing in result.standings:
        assert standing.known or standing.rate is None
    for problem in result.problems:
        assert all((problem.where, problem.what, problem.fix))


@few
@given(ROWS)
def test_no_message_for_mails_shows_a_number(rows: list[Row]) -> None:
    findings = judged(rows).findings
    for sentence in (*findings["public_message"], *findings["public_fix"]):
        assert "000123" not in sentence
        assert "{" not in sentence


@given(st.from_regex(r"0[2-9][0-9]{8,9}", fullmatch=True))
def test_plain_phone_numbers_are_judged_like_the_library_does(typed: str) -> None:
    parsed = phonenumbers.parse(typed, "VN")
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    known = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in kinds
    assert read_phone(typed) == (typed if known else UNREADABLE)
