"""Lines of a list that are no person: sections, subtotals, notes, signatures, headers that stand again.

Told by the words at their beginning, and only where nothing in the line tells of a person. A name alone is a person
just begun; one that could be the beginning of a section ("Ban Thị Hoa") stays a row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum

from msgspec import Struct, field

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text, bare, fold, is_blank, is_dash
from automation.core.reading.header_lines import known_code, known_codes
from automation.core.reading.many_texts import FoldedTexts
from automation.core.reading.tables import FoundTable

_TOTAL = re.compile(r"(tổng cộng|tổng số|tổng|cộng)( người)?[\s:.\-(]*[\d.,]*( người)?[\s).]*")
MAY_BE_TOTAL = re.compile(r"^(?:tổng|cộng)", re.MULTILINE)
"""How each such line begins, of several."""
_HOW_MANY = re.compile(r"\(?\d[\d.,]*\s*(người)?[\s.)]*")
"""What stands beside "Cộng" where that stands below the numbers."""
_NUMBERING = re.compile(
    r"[\s*+•\-([]*(?:(?:[ivx]{1,5}|\d{1,3}|[a-zđ])(?:(?:\.\d{1,2})+\s+|\s*[.)\-–:/]\s*))*[\s*+•\-([]*"
)
"""What stands before the words of a heading: "I.", "1)", "II.1", "IV -"."""
_DATED = re.compile(r"\bngay\b.*\bthang\b.*\bnam\b|^[^,]{2,40}, ?ngay\b[\s\d./…_-]*$")
"""Place and day above a signature, without marks: "TP. Hồ Chí Minh, ngày 20 tháng 4 năm 2023", "ngày 20/4/2023"."""
_ROMAN = re.compile(r"[ivx]{1,5}[.)]?|[a-zđ][.)]?")
_NO_HEADING = re.compile(
    r"(cong|tong|ghi chu|chu thich|luu y|noi nhan|kem theo|danh sach|mang sang|chuyen trang|"
    r"cong chuc|vien chuc|nguoi lao dong|hop dong|bien che)\b"
)
"""What lines between people begin with that name no department; without marks."""
_MOST_OF_A_HEADING = 3
"""Cells: its number, its name, how many they are."""
LEAST_SECTIONS = 2
"""Headings from which on they tell the department: one alone may be anything."""
_MOST_TEXTS = 2
_MOST_SIGNERS = 4
_DEGREE = re.compile(r"(?:\w{1,5}\.\s*)+")
"""What stands before the name of who signs: "BS.", "ThS. BS."."""
_MOST_WORDS = 6
_LEAST_LINES = 2
_LEAST_HEADERS = 3
_SIGNED_FOR = 8
"""Lines below a signature in which the name of who signs may stand."""


class LineStart(Enum):
    """What the words at the beginning of a line say of it."""

    OTHER = "đầu dòng"
    SIGNATURE = "chữ ký"
    SURNAME = "có thể là họ"


class LineWords:
    """The words by which lines that are no person begin."""

    def __init__(self, words: Mapping[str, LineStart]) -> None:
        """`words`: folded."""
        self._words = words
        longest_first = sorted(words, key=len, reverse=True)
        self._begins = re.compile(f"({'|'.join(map(re.escape, longest_first))})(?!\\w)") if words else None

    def start_of(self, typed: str) -> LineStart | None:
        """What kind of line begins like this; None for a person's."""
        folded = fold(typed)
        if _DATED.search(bare(folded)):
            return LineStart.SIGNATURE
        numbering = _NUMBERING.match(folded)
        found = self._begins.match(folded, numbering.end() if numbering else 0) if self._begins else None
        return self._words[found[1]] if found else None


NO_WORDS = LineWords({})


class LinesOfPeople(Struct):
    """Tells the lines of people from the others, going down a list. Columns count from 1, 0 stands for none."""

    name: int
    ordinal: int
    department: int
    categories: Sequence[int]
    """Those of what kind of staff somebody is: "Viên chức" there belongs to a person, too."""
    inputs: Sequence[int]
    """The columns of people's cells, numbering left out."""
    telling: Sequence[int]
    """Those of number, birth date, card and account: what stands there belongs to a person."""
    headers: Sequence[Row]
    """The lines of the header."""
    names: Mapping[str, str]
    """The known names of headers."""
    words: LineWords = NO_WORDS
    chosen: Mapping[int, Collection[str]] = field(default_factory=dict)
    """By column, the spellings of the list from which people choose there."""
    _signed: int = -_SIGNED_FOR
    _is_signer_named: bool = False
    _headed: int = 0
    """The last line of a header that stands again."""

    def is_person(self, number: int, row: Row, *, first: bool = False, below: int = 0) -> bool:
        """Whether somebody stands in that line. `first`: it is right below the headers. `below`: the last line above it
        that is surely a person's, where the list goes on, so that nothing above that was a signature.
        """
        if below > self._signed:
            self._signed = -_SIGNED_FOR
        tells = _holds(row, self.telling)
        if not (tells or _holds(row, self.inputs)):
            return False
        name = fold(as_text(self._cell(row, self.name)))
        if is_total(fold(as_text(self._cell(row, self.ordinal))) if not name or _HOW_MANY.fullmatch(name) else name):
            return False
        if self._stands_again(name, row):
            self._headed = number
            return False
        if (first or number == self._headed + 1) and len(name.strip("() ")) <= 2 and _is_column_numbering(row):
            return False
        if self._is_signed(number, row):
            return False
        return tells or not self._is_other_line(number, row)

    def _stands_again(self, name: str, row: Row) -> bool:
        """Whether it is a header, or a line of it, further down."""
        if name in self.names and len(known_codes(row, self.names)) >= _LEAST_HEADERS:
            return True
        return self._stands_in_the_header(row)

    def _is_signed(self, number: int, row: Row) -> bool:
        """Whether it is a line of a signature, wherever its words have come to stand: who signs, beside each other, or
        the names below. Not by a name alone, and never where a number stands.
        """
        texts = {place: cell for place in self.inputs if not is_empty(cell := self._cell(row, place))}
        if len(texts) > _MOST_SIGNERS or not all(map(is_only_words, texts.values())) or self._has_chosen(texts):
            return False
        starts = {self.words.start_of(as_text(cell)) for cell in texts.values()}
        if LineStart.SIGNATURE in starts and self._start(texts):
            self._sign(number)
            return True
        names = (_DEGREE.sub("", as_text(cell), count=1) for cell in texts.values())
        return self._is_below_a_signature(number, row) and all(map(_may_be_a_name, names)) and self._signs(texts)

    def _sign(self, number: int) -> None:
        self._signed, self._is_signer_named = number, False

    def _signs(self, texts: Mapping[int, Cell]) -> bool:
        """Whether names below a signature are of who signs: a second one, alone, is a person just begun."""
        if self._is_signer_named and texts.keys() == {self.name}:
            self._signed = -_SIGNED_FOR
            return False
        self._is_signer_named |= self.name in texts
        return True

    def _is_below_a_signature(self, number: int, row: Row) -> bool:
        return number - self._signed <= _SIGNED_FOR and is_blank(self._cell(row, self.ordinal))

    def _is_other_line(self, number: int, row: Row) -> bool:
        cells = [(place, self._cell(row, place)) for place in self.inputs]
        texts = {place: cell for place, cell in cells if not is_empty(cell)}
        if len(texts) > _MOST_TEXTS or not all(isinstance(cell, str) for cell in texts.values()):
            return False
        start = self._start(texts)
        if start is None and self.name not in texts:
            start = self.words.start_of(as_text(self._cell(row, self.ordinal)))
        if start is LineStart.SIGNATURE:
            self._sign(number)
        if start is LineStart.SURNAME:
            numbered = _ROMAN.fullmatch(fold(as_text(self._cell(row, self.ordinal))))
            return numbered is not None or not _may_be_a_name(as_text(self._cell(row, self.name)))
        return start is not None or (self._is_below_a_signature(number, row) and not self._has_chosen(texts))

    def _has_chosen(self, texts: Mapping[int, Cell]) -> bool:
        """Whether something was chosen for a name, as for people: who signs has no gender and no kind of staff."""
        told = (fold(as_text(cell)) in self.chosen.get(place, ()) for place, cell in texts.items())
        return self.name in texts and any(told)

    def _start(self, texts: Mapping[int, Cell]) -> LineStart | None:
        """What the name says of the line, or, where there is none, what stands beside its place."""
        said = [self.name] if self.name in texts else [place for place in texts if place != self.department]
        starts = ((place, self.words.start_of(as_text(texts[place]))) for place in said)
        told = (start for place, start in starts if start is not LineStart.OTHER or place not in self.categories)
        return next(filter(None, told), None)

    def _stands_in_the_header(self, row: Row) -> bool:
        """Whether it is a line of the header, which stands again further down."""
        if len(self.headers) < _LEAST_LINES:
            return False
        return _texts(row) in [_texts(line) for line in self.headers]

    def _cell(self, row: Row, place: int) -> Cell:
        return row[place - 1] if 0 < place <= len(row) else None


class Sections(Struct):
    """Which heading each person of a list stands under, going down it: the last line that is no person's before
    the first of them.
    """

    count: int = 0
    """Headings with somebody below them."""
    _waiting: str = ""
    _named: str = ""

    def pass_by(self, row: Row) -> None:
        """A line that is no person's."""
        if not all(map(is_empty, row)):
            self._waiting = named_by_heading(row) or self._waiting

    def of_person(self) -> str:
        """What the person in the line that comes now stands under; "" before the first heading."""
        if self._waiting:
            self._named, self._waiting = self._waiting, ""
            self.count += 1
        return self._named


def named_by_heading(row: Row) -> str:
    """The department that a heading names, without its numbering; "" for a subtotal, a note, a line of many cells."""
    texts = [as_text(cell) for cell in row if not is_empty(cell)]
    if not 0 < len(texts) <= _MOST_OF_A_HEADING:
        return ""
    said = max(texts, key=len)
    named = said[numbering.end() :] if (numbering := _NUMBERING.match(said.casefold())) else said
    return "" if _NO_HEADING.match(bare(named)) else named.strip()


def _holds(row: Row, places: Iterable[int]) -> bool:
    width = len(row)
    for place in places:  # noqa: SIM110  # it runs once a row, and a generator costs as much again
        if place <= width and not is_empty(row[place - 1]):
            return True
    return False


def is_empty(cell: Cell) -> bool:
    """Nothing, or a dash; a box that nobody ticked is no answer either, lists have them on all their blank lines."""
    return cell is None or cell is False or (isinstance(cell, str) and (is_dash(cell) or is_blank(cell)))


def is_only_words(cell: Cell) -> bool:
    """A text that may be the words of a signature, a day in words included: no number and no date in figures."""
    return cell.__class__ is str and not cell[:1].isdigit() and (" " in cell or not any(map(str.isdigit, cell)))


def _may_be_a_name(typed: str) -> bool:
    words = typed.split()
    return 1 < len(words) <= _MOST_WORDS and all(word.isalpha() and word[0].isupper() for word in words)


def _texts(row: Iterable[Cell]) -> list[str]:
    return [fold(as_text(cell)) for cell in row if not is_empty(cell)]


def is_total(folded: str) -> bool:
    return folded[:1] in ("t", "c") and _TOTAL.fullmatch(folded) is not None


def _is_column_numbering(row: Row) -> bool:
    """The line "(1) (2) (3) ..." that official forms have below their headers, or "A B 1 2 ..."."""
    labels = [as_text(cell).strip("() ") for cell in row if not is_empty(cell)]
    numbers = [int(label) for label in labels if label.isdecimal() and len(label) <= 2]
    return 3 <= len(numbers) >= len(labels) - 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def another_header(
    rows: Sequence[Row], table: FoundTable, called: Sequence[Cell], names: Mapping[str, str]
) -> int | None:
    """The first line below a header that is one, too, and has columns elsewhere; None where there is none. `called`:
    what stands below it in the column of names, line by line.
    """
    texts = {cell for cell in called if cell.__class__ is str}
    if names.keys().isdisjoint(folded := FOLDED_NAMES.of(texts)):
        return None
    headers = {text for text, key in zip(texts, folded, strict=True) if key in names}
    for number, (row, cell) in enumerate(zip(rows[table.header_row :], called, strict=True), table.header_row + 1):
        if cell in headers and _stands_elsewhere(row, table, names):
            return number
    return None


FOLDED_NAMES = FoldedTexts(1 << 17)
"""Names come again cycle by cycle."""


def _stands_elsewhere(row: Row, table: FoundTable, names: Mapping[str, str]) -> bool:
    if len(known_codes(row, names)) <= _LEAST_HEADERS:
        return False
    found = ((known_code(cell, names), column) for column, cell in enumerate(row, start=1))
    return any(code in table.columns and column not in table.columns_of(code) for code, column in found if code)
