"""Where the rows and columns of a tab went while somebody was working on it, found by their content.

People insert, delete, sort and move rows and columns between our read and our write, and nothing tells us that they
did. What stood in a line tells the line, in whatever order: a value counts the more the fewer lines hold it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from automation.core.model.workbook import Cell, Row

Rows = Mapping[int, Row]
"""Some or all rows of a tab, by number."""
Spot = tuple[int, int]
"""(row, column), both from 1."""

_COMMON = 30
"""A value in more lines than this tells none of them."""


@dataclass(frozen=True)
class Trace:
    """Which line of before each line of after is; a line that is new, or not to be recognised, is missing."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]

    def origin(self, spot: Spot) -> Spot | None:
        """Where the cell that stands at `spot` stood before."""
        row, column = self.rows.get(spot[0]), self.columns.get(spot[1])
        return None if row is None or column is None else (row, column)

    def destinations(self, spots: Iterable[Spot]) -> Iterator[tuple[Spot, Spot]]:
        """(before, after) of those `spots` of before that are still there."""
        rows = {before: after for after, before in self.rows.items()}
        columns = {before: after for after, before in self.columns.items()}
        for row, column in spots:
            if row in rows and column in columns:
                yield (row, column), (rows[row], columns[column])


def cell_at(rows: Rows, spot: Spot) -> Cell:
    """The cell, None where there is none or it is blank."""
    row = rows.get(spot[0], ())
    value = row[spot[1] - 1] if spot[1] <= len(row) else None
    return None if value == "" else value


def trace(before: Rows, after: Rows, hidden: Collection[Spot] = ()) -> Trace:
    """Match the lines of `after` with those of `before`. `hidden`: cells of `after` that tell nothing of people."""
    covered = frozenset(hidden)
    rows_then, rows_now = _row_tokens(before, ()), _row_tokens(after, covered)
    in_row = Counter(row for row, _ in covered)

    def row_could_be(row: int, then: int) -> bool:
        return _could_be(rows_now[row], rows_then[then], in_row[row])

    rows = _matched(rows_then, rows_now, row_could_be)
    columns_then, columns_now = _column_tokens(before, ()), _column_tokens(after, covered)
    in_column = Counter(column for _, column in covered)

    def column_could_be(column: int, then: int) -> bool:
        new = set(columns_now[column]) - set(columns_then[then])
        pairs = (((row, column), (row_then, then)) for row, row_then in rows.items() if (row, column) not in covered)
        lost = (spot for spot, spot_then in pairs if cell_at(before, spot_then) not in (None, cell_at(after, spot)))
        hidden_enough = _could_be(columns_now[column], columns_then[then], in_column[column])
        return hidden_enough and sum(1 for _ in lost) <= len(new)

    return Trace(rows, _matched(columns_then, columns_now, column_could_be))


Token = tuple[type, Cell]
Lines = Mapping[int, Collection[Token]]
CouldBe = Callable[[int, int], bool]
"""Whether a line of after could be that line of before, were it the only one left."""


def _tokens(rows: Rows, hidden: Collection[Spot]) -> Iterator[tuple[int, int, Token]]:
    for number, row in rows.items():
        for column, cell in enumerate(row, start=1):
            if cell is not None and cell != "" and (number, column) not in hidden:
                yield number, column, (float if isinstance(cell, int) else type(cell), cell)


def _row_tokens(rows: Rows, hidden: Collection[Spot]) -> dict[int, set[Token]]:
    lines: dict[int, set[Token]] = {number: set() for number in rows}
    for number, _, token in _tokens(rows, hidden):
        lines[number].add(token)
    return lines


def _column_tokens(rows: Rows, hidden: Collection[Spot]) -> dict[int, set[Token]]:
    lines: dict[int, set[Token]] = {column: set() for column in range(1, max(map(len, rows.values()), default=0) + 1)}
    for _, column, token in _tokens(rows, hidden):
        lines[column].add(token)
    return lines


def _matched(before: Lines, after: Lines, could_be: CouldBe) -> dict[int, int]:
    """Line of after -> line of before."""
    holders: dict[Token, list[int]] = defaultdict(list)
    for number, tokens in before.items():
        for token in tokens:
            holders[token].append(number)
    pairs = sorted(
        (-score, abs(number - candidate), number, candidate)
        for number, tokens in after.items()
        for candidate, score in _scores(tokens, holders).items()
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, number, candidate in pairs:
        if number not in found and candidate not in taken:
            found[number] = candidate
            taken.add(candidate)
    _fill_between_neighbours(found, taken, before, after, could_be)
    _match_the_last_ones(found, taken, before, after, could_be)
    return found


def _scores(tokens: Iterable[Token], holders: Mapping[Token, list[int]]) -> dict[int, float]:
    scores: dict[int, float] = defaultdict(float)
    for token in tokens:
        lines = holders.get(token, ())
        if len(lines) <= _COMMON:
            for line in lines:
                scores[line] += 1 / len(lines)
    return scores


def _fill_between_neighbours(
    found: dict[int, int], taken: set[int], before: Lines, after: Lines, could_be: CouldBe
) -> None:
    """A line that tells nothing is the one beside its neighbour's, if that one is still free and its content could
    have been hidden.
    """
    for step, numbers in ((1, sorted(after)), (-1, sorted(after, reverse=True))):
        for number in numbers:
            neighbour = number - step
            beside = found.get(neighbour, 0 if neighbour == 0 else None)
            if number in found or beside is None:
                continue
            candidate = beside + step
            free = candidate in before and candidate not in taken
            if free and could_be(number, candidate):
                found[number] = candidate
                taken.add(candidate)


def _match_the_last_ones(
    found: dict[int, int], taken: set[int], before: Lines, after: Lines, could_be: CouldBe
) -> None:
    """One line that was edited beyond recognition, and one that is missing: they are the same."""
    new = [number for number, tokens in after.items() if tokens and number not in found]
    gone = [number for number, tokens in before.items() if tokens and number not in taken]
    if len(new) == len(gone) == 1 and could_be(new[0], gone[0]):
        found[new[0]] = gone[0]


def _could_be(now: Collection[Token], then: Collection[Token], hidden: int) -> bool:
    """Whether all that is missing may be hidden, or typed over."""
    lost, new = set(then) - set(now), set(now) - set(then)
    return len(lost) <= hidden + len(new)
