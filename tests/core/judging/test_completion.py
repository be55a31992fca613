"""Where units stand: who is counted, what a rate is, what is remembered of units that cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.base.messages import text
from automation.core.judging.completion import tally_of, total_of
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.units import Standing, Tally, UnitRecord, per_cent
from automation.core.model.workbook import Cell, Snapshot
from tests.core.facts import CARD, EXEMPTION, LEVEL, NAME, NUMBER, STAGE, UNTIL, Person, changed
from tests.workbooks import NOW, config_with, unit_line, unit_tab

DONE: Person = {}
TO_DO: Person = {STAGE: "Đã duyệt, chưa kích hoạt"}
WRONG: Person = {NUMBER: "12"}
DEFERRED: Person = {**TO_DO, EXEMPTION: "Đang ở nước ngoài", UNTIL: "01/06/2023"}
RETURNED: Person = {**TO_DO, EXEMPTION: "Đang ở nước ngoài", UNTIL: "19/04/2023"}
RETIRED: Person = {EXEMPTION: "Đã nghỉ hưu"}


def staff(*kinds: tuple[int, Person], start: int = 0) -> list[Person]:
    """So many people of each kind, no two with the same name or number."""
    kinds_in_order = [kind for count, kind in kinds for _ in range(count)]
    return [
        changed({NAME: f"Lê {letters(place)}", NUMBER: f"079085{start + place:06}", **kind})
        for place, kind in enumerate(kinds_in_order, start=1)
    ]


def letters(number: int) -> str:
    """The number spelt without digits."""
    return str(number).translate(str.maketrans("0123456789", "abcdeghikl"))


def judged_unit(
    people: Sequence[Person],
    headcount: int | None = None,
    declared: Cell = None,
    memory: dict[str, UnitRecord] | None = None,
    days_later: int = 0,
) -> Judged:
    """One unit with a headcount in the registry and one on line 2 of its tab."""
    config = config_with([unit_line("a", headcount=headcount)])
    tab = unit_tab(config, "a", people, [["Đơn vị a"], ["Tổng số người", declared]])
    return judge(Snapshot((tab,)), config, memory or {}, NOW + timedelta(days=days_later))


def remembered(judged: Judged) -> dict[str, UnitRecord]:
    return {record.code: record for record in judged.records}


@pytest.mark.parametrize(
    ("people", "headcount", "in_scope", "deferred", "done", "rate", "strict_rate"),
    [
        # entered 100 of 500, all done: 20 %
        (staff((100, DONE)), 500, 500, 0, 100, 20.0, 20.0),
        # more rows than declared: the rows
        (staff((5, DONE)), 4, 5, 0, 5, 100.0, 100.0),
        # no headcount: the rows
        (staff((1, DONE), (2, TO_DO)), None, 3, 0, 1, 33.3, 33.3),
        # 2/3 is rounded down
        (staff((2, DONE), (1, TO_DO)), 3, 3, 0, 2, 66.6, 66.6),
        # deferred people leave the rate, not the strict rate
        (staff((2, DONE), (1, TO_DO), (1, DEFERRED)), 4, 4, 1, 2, 66.6, 50.0),
        (staff((2, DONE), (2, DEFERRED)), 4, 4, 2, 2, 100.0, 50.0),
        (staff((1, DONE), (1, RETURNED)), 2, 2, 0, 1, 50.0, 50.0),  # the time is over: counted again
        # out of scope: in neither
        (staff((1, DONE), (3, RETIRED)), None, 1, 0, 1, 100.0, 100.0),
        (staff((1, DONE), (3, RETIRED)), 2, 1, 0, 1, 100.0, 100.0),
        # who leaves leaves the headcount too: the last one of five is no longer missing
        (staff((4, DONE), (1, RETIRED)), 5, 4, 0, 4, 100.0, 100.0),
        (staff((4, DONE), (1, RETIRED)), 6, 5, 0, 4, 80.0, 80.0),  # one is not in the list
        (staff((3, RETIRED)), 3, 0, 0, 0, None, None),
        # an error keeps a row out of the numerator, not out of the denominator
        (staff((1, DONE), (1, WRONG)), 2, 2, 0, 1, 50.0, 50.0),
        # nobody to count: no rate at all
        ([], None, 0, 0, 0, None, None),
        ([], 0, 0, 0, 0, None, None),
        (staff((3, RETIRED)), None, 0, 0, 0, None, None),
        (staff((2, DEFERRED)), None, 2, 2, 0, None, 0.0),
        # an empty tab of a unit that has people: nobody done
        ([], 10, 10, 0, 0, 0.0, 0.0),
    ],
)
def test_where_a_unit_stands(
    people: Sequence[Person],
    headcount: int | None,
    in_scope: int,
    deferred: int,
    done: int,
    rate: float | None,
    strict_rate: float | None,
) -> None:
    (standing,) = judged_unit(people, headcount).standings
    assert (standing.in_scope, standing.deferred, standing.done) == (in_scope, deferred, done)
    assert (standing.rate, standing.strict_rate) == (rate, strict_rate)
    assert standing.left == in_scope - deferred - done
    assert standing.rows == len(people)
    assert standing.not_entered == max(0, (headcount or 0) - len(people))
    assert sum(standing.statuses.values()) == len(people)


@pytest.mark.parametrize(
    ("done", "of", "rate"),
    [
        (1999, 2000, 99.9),  # 99.95 is not everybody
        (2999, 3000, 99.9),
        (3000, 3000, 100.0),
        (1, 3000, 0.0),
        (3, 3000, 0.1),
        (0, 5, 0.0),
        (0, 0, None),
        (0, -1, None),
        (29, 50, 58.0),  # 0.58 * 100 is 57.99… in floating point
        (1, 8, 12.5),
    ],
)
def test_per_cent_is_rounded_down(done: int, of: int, rate: float | None) -> None:
    assert per_cent(done, of) == rate


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000), st.none() | st.integers(0, 20_000))
def test_a_hundred_means_everybody(done: int, deferred: int, others: int, headcount: int | None) -> None:
    tally = tally_of(headcount, 0, done + deferred + others, deferred, done)
    assert (tally.rate == 100.0) is (tally.left == 0 and done > 0)
    assert (tally.rate is None) is (tally.in_scope == deferred)
    assert (tally.strict_rate is None) is (tally.in_scope == 0)
    rate, strict_rate = tally.rate, tally.strict_rate
    assert rate is None or strict_rate is None or 0 <= strict_rate <= rate <= 100


@pytest.mark.parametrize(
    ("registry", "declared", "counted", "noted"),
    [
        (None, None, None, "Chưa khai tổng số người"),
        (None, 40, 40, None),
        (None, "1.497 người", 1497, None),
        (40, None, 40, None),
        (40, 40, 40, None),
        (40, 38, 40, "đơn vị tự khai là 38"),
        (None, "khoảng 40", None, "Chưa khai tổng số người"),
    ],
)
def test_headcounts(registry: int | None, declared: Cell, counted: int | None, noted: str | None) -> None:
    judged = judged_unit(staff((1, DONE)), registry, declared)
    (standing,) = judged.standings
    assert standing.headcount == counted
    others = [note for note in standing.notes if note != text("units.note_lacks_people")]
    assert len(others) < len(standing.notes)  # one of forty is entered, and nobody ticked that the list is complete
    assert any(noted in note for note in others) if noted else len(others) == 1  # no focal address
    told = [problem for problem in judged.problems if "Tổng số người" in problem.what + problem.fix]
    assert bool(told) is (declared == 38 or declared == "khoảng 40")


@pytest.mark.parametrize(
    ("label", "day", "counts"),
    [
        ("Ngày quán triệt", "20/04/2023", True),  # today
        ("Ngày quán triệt", "21/04/2023", False),
        ("Ngày báo Công an", "20/04/2023", True),
        ("Ngày báo Công an", "21/04/2024", False),
    ],
)
def test_a_declared_day_to_come_is_a_plan(label: str, day: str, counts: bool) -> None:
    config = config_with([unit_line("a", headcount=1)])
    tab = unit_tab(config, "a", staff((1, DONE)), [["Đơn vị a"], [label, day]])
    (standing,) = judge(Snapshot((tab,)), config, {}, NOW).standings
    declared = standing.declaration.disseminated_on or standing.declaration.reported_on
    assert (declared is not None) is counts
    assert any(f"{label} ghi {day}, là ngày chưa đến" in note for note in standing.notes) is not counts


def test_more_rows_than_declared_is_noted() -> None:
    (standing,) = judged_unit(staff((2, DONE), (1, RETIRED)), 2).standings
    assert any("Đã nhập 3 người" in note for note in standing.notes)
    (standing,) = judged_unit(staff((1, DONE), (1, RETIRED)), 2).standings
    assert not any("Đã nhập" in note for note in standing.notes)


def test_rows_with_findings_are_counted_once() -> None:
    twice_wrong = {NUMBER: "12", "Đối tượng": "Bác sĩ", "Điện thoại": "12"}
    (standing,) = judged_unit(staff((1, DONE), (1, twice_wrong), (1, {"Điện thoại": "12"}), (1, WRONG))).standings
    assert (standing.errors, standing.warnings) == (2, 2)


def test_card_and_account_are_counted_on_their_own() -> None:
    people = staff(
        (1, DONE),
        (1, {LEVEL: "Mức 2"}),
        (1, TO_DO),
        (1, {CARD: "Đã làm, chờ cấp", **TO_DO}),
        (1, {CARD: "Mất, hỏng, cần đổi", LEVEL: "Mức 2"}),
        (1, WRONG),
        (1, RETIRED),
        (1, {CARD: None, LEVEL: None, STAGE: None}),
    )
    (standing,) = judged_unit(people).standings
    assert standing.parts == {"the": 4, "tai-khoan": 3, "muc-2": 2}


# --- all units --------------------------------------------------------------------------------------------


def test_the_total_is_a_sum_and_no_mean() -> None:
    config = config_with([unit_line("small", headcount=1), unit_line("large", headcount=99)])
    tabs = (unit_tab(config, "small", staff((1, DONE))), unit_tab(config, "large", staff((9, TO_DO), start=500)))
    total = judge(Snapshot(tabs), config, {}, NOW).total
    assert (total.units, total.rows, total.in_scope, total.done, total.left) == (2, 10, 100, 1, 99)
    assert (total.rate, total.strict_rate) == (1.0, 1.0)  # the mean of 100 % and 0 % would be 50 %
    assert total.statuses["xong"] == 1
    assert total.statuses["cho-kich-hoat"] == 9


@given(
    st.lists(
        st.builds(
            lambda done, deferred, others: Tally(done + deferred + others, deferred, done),
            st.integers(0, 50),
            st.integers(0, 50),
            st.integers(0, 50),
        ),
        max_size=6,
    )
)
def test_totals_add_up(tallies: list[Tally]) -> None:
    total = total_of(Standing(str(n), str(n), tally=tally) for n, tally in enumerate(tallies))
    assert total.in_scope == sum(tally.in_scope for tally in tallies)
    assert total.left == sum(tally.left for tally in tallies)
    assert total.rate == per_cent(sum(t.done for t in tallies), sum(t.in_scope - t.deferred for t in tallies))


# --- what is remembered -----------------------------------------------------------------------------------


def test_a_unit_that_cannot_be_read_keeps_its_last_numbers() -> None:
    first = judged_unit(staff((1, DONE), (1, TO_DO)), 4)
    config = config_with([unit_line("a", headcount=4)])
    later = judge(Snapshot(()), config, remembered(first), NOW + timedelta(days=1))
    (standing,) = later.standings
    assert not standing.known
    assert standing.as_of == NOW
    assert (standing.rate, standing.done, standing.left) == (25.0, 1, 3)
    assert later.total.rate == 25.0
    assert later.records == ()
    assert len(later.people) == 0
    assert [problem.needs_person for problem in later.problems] == [True]


def test_a_unit_that_could_never_be_read_has_no_rate() -> None:
    config = config_with([unit_line("a", headcount=4), unit_line("b", headcount=1)])
    judged = judge(Snapshot((unit_tab(config, "b", staff((1, DONE))),)), config, {}, NOW)
    unknown, known = judged.standings
    assert (unknown.known, unknown.rate, unknown.as_of) == (False, None, None)
    assert (known.known, known.rate) == (True, 100.0)
    assert (judged.total.rate, judged.total.left) == (20.0, 4)  # 100 % would mean everybody


@pytest.mark.parametrize(
    ("before", "after", "headcount", "vanished"),
    [
        (staff((5, DONE), (5, TO_DO)), staff((5, DONE)), None, 5),  # 50 % becomes 100 %
        (staff((5, DONE), (5, TO_DO)), staff((5, DONE)), 6, 5),
        (staff((5, DONE), (5, TO_DO)), staff((5, DONE)), 10, 0),  # the headcount keeps the rate where it was
        (staff((5, DONE), (5, TO_DO)), staff((5, TO_DO)), None, 0),  # no rate rose
        (staff((5, DONE), (5, TO_DO)), staff((7, DONE), (5, TO_DO)), None, 0),
        (staff((5, DONE), (5, TO_DO)), staff((5, DONE), (5, RETIRED)), None, 0),  # marked, not gone
        (staff((5, DONE), (5, TO_DO)), [], None, 0),  # nobody to count has no rate that could rise
    ],
)
def test_a_rate_that_rises_because_rows_vanished_is_marked(
    before: Sequence[Person], after: Sequence[Person], headcount: int | None, vanished: int
) -> None:
    first = judged_unit(before, headcount)
    second = judged_unit(after, headcount, memory=remembered(first), days_later=1)
    (standing,) = second.standings
    assert standing.vanished_rows == vanished
    assert any("giảm" in note for note in standing.notes) is bool(vanished)
    # and it stays marked while nothing changes
    third = judged_unit(after, headcount, memory=remembered(second), days_later=2)
    assert third.standings[0].vanished_rows == vanished


@pytest.mark.parametrize(("registry", "declared"), [(5, None), (None, 5), (None, "5 người")])
def test_a_new_declaration_takes_the_mark_away(registry: int | None, declared: Cell) -> None:
    first = judged_unit(staff((5, DONE), (5, TO_DO)))
    second = judged_unit(staff((5, DONE)), memory=remembered(first), days_later=1)
    third = judged_unit(staff((5, DONE)), registry, declared, remembered(second), days_later=2)
    assert [judged.standings[0].vanished_rows for judged in (first, second, third)] == [0, 5, 0]


def test_the_time_of_the_last_change_moves_only_with_the_inputs() -> None:
    first = judged_unit(staff((2, DONE)))
    same = judged_unit(staff((2, DONE)), memory=remembered(first), days_later=1)
    edited = judged_unit(staff((1, DONE), (1, {NAME: "Lê Lan"})), memory=remembered(same), days_later=2)
    assert [judged.standings[0].changed_at for judged in (first, same, edited)] == [NOW, NOW, NOW + timedelta(days=2)]


def test_since_when_a_unit_is_below_its_target() -> None:
    done, open_ = staff((2, DONE)), staff((1, DONE), (1, TO_DO))
    memory: dict[str, UnitRecord] = {}
    found: list[int | None] = []
    for day, people in enumerate([open_, open_, done, open_, open_, []]):
        judged = judged_unit(people, 2, memory=memory, days_later=day)
        memory = remembered(judged)
        since = judged.standings[0].below_since
        found.append((since - NOW).days if since else None)
    assert found == [0, 0, None, 3, 3, 3]


def test_a_target_that_is_met_because_rows_vanished_is_not_met() -> None:
    first = judged_unit(staff((1, DONE), (1, TO_DO)))
    second = judged_unit(staff((1, DONE)), memory=remembered(first), days_later=1)
    (standing,) = second.standings
    assert (standing.rate, standing.vanished_rows, standing.below_since) == (100.0, 1, NOW)
