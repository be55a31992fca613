"""The header of a list of people, as offices lay it out: on one line, or on two or three with groups above their parts.

"Ngày, tháng, năm sinh" over "Nam | Nữ", "Thẻ" over "Đã có | Chưa có", the family name in one column and the given name
in the next: then a field stands in several columns, and what it holds is put together from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from msgspec.structs import replace

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text, bare, fold, is_blank
from automation.core.reading.tables import Composed, FoundTable, How, Source, header_keys

NEAR, FAR = 20, 200
"""Lines that are searched for the header: few have it further down, below letterheads and notes."""
_MOST_LINES = 3
_LONGEST_HEADER = 120
_MOST_MET = 64
_JOINED = " + "
"""Between the names of two columns that hold one field together, in `Tên khác`."""
_LONGEST_WORD = 20
_NEARLY_ALL = 0.6
"""Of the lines with a text in the column to the left; sections and signatures have one there, too."""
_PUNCTUATION = re.compile(r"[\s,./\\;:*_–-]+")
_DATE_PARTS = ("ngay", "thang", "nam")
"""Day, month and year, each in a column of its own. Typed without marks, the year is the word for a man."""
_OFFICE_WORDS = re.compile(
    r" (?:của )?(?:cbvc|cbccvc|cbcc|ccvc|cbnv|cnvc|cnv|vc|vcnlđ|cbvcnlđ|ccvcnlđ|nlđ|cán bộ|công chức|viên chức|"
    r"người lao động|nhân viên|nhân sự)+(?: .*)?"
)
_JUST_A_NUMBER = frozenset(["số", "số thẻ", "mã số", "số hiệu"])
"""What a column says that leaves to its group whose number it is."""
_NUMBER_OF_CHIP = re.compile(r"(s[ốo] .+?)(?: c[óo])? g[ắa]n ch[íi]p\b.*")
"""Where a number is named, the chip makes no difference: "Số thẻ CCCD gắn chíp"."""
_OTHER_PAPERS = re.compile(
    r"\b(?:chung chi|cchn|giay phep|gphn|gplx|lai xe|van bang|bang cap|tot nghiep|bao hiem|bhyt|bhxh|ho chieu|cmnd|cmt|"
    r"chung minh|the dang|dang vien|doan vien|quyet dinh|hop dong|so lao dong|vo|chong|cha|me|than nhan|nguoi than)\b"
)
"""Without marks, what else has a number and a day of issue, and who else."""
_CARDS = re.compile(r"\b(?:cccd|can cuoc|dinh danh)\b")
_OF_ANY_PAPER = "ngay cap"
_ABOUT = re.compile(r"(?:các )?(?:thông tin|số liệu)(?: về| của)? ")


@dataclass(frozen=True)
class ListNames:
    """By which names the fields of people are known; everything folded."""

    codes: Mapping[str, str]
    """Name -> code."""
    joined: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Names of two neighbouring columns -> code of the field that they hold together."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Code -> spelling -> value, of the fields with a list."""
    may_mean: Callable[[str, str], bool] = lambda _code, _typed: False
    """Whether a text may be meant as a value of the field's list."""
    dates: frozenset[str] = frozenset()
    """Codes of dates, which may stand under a value of the list of `told_by_place`."""
    told_by_place: str = ""
    """The field that the place of a date tells: the gender."""
    met: dict[tuple[Cell, ...], FoundTable] = field(default_factory=dict, compare=False, repr=False)
    """What was found in lines of headers by these names."""


def spelled(names: Mapping[str, str]) -> dict[str, str]:
    """The same names, and as people write them: without marks, without punctuation; none that could be two."""
    spellings: dict[str, set[str]] = {}
    for name, code in names.items():
        for spelling in {_plain(name), bare(name), _plain(bare(name))}:
            spellings.setdefault(spelling, set()).add(code)
    return {each: min(codes) for each, codes in spellings.items() if len(codes) == 1} | dict(names)


def joined_names(names: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Of the names, those of two columns together: "Họ đệm + Tên"."""
    pairs = ((name.split(_JOINED), code) for name, code in names.items() if name.count(_JOINED) == 1)
    return {(spelling(one), spelling(two)): code for (one, two), code in pairs for spelling in (str, bare)}


def _plain(folded: str) -> str:
    return _PUNCTUATION.sub(" ", folded).strip()


@lru_cache(maxsize=1 << 11)
def _keys(typed: str) -> tuple[str, ...]:
    """The names that a header may be known by."""
    keys = dict.fromkeys(header_keys(typed))
    keys |= dict.fromkeys(_plain(key) for key in tuple(keys))
    keys |= dict.fromkeys(key[: found.start()] for key in tuple(keys) if (found := _OFFICE_WORDS.search(key)))
    keys |= dict.fromkeys(found[1] for key in tuple(keys) if (found := _NUMBER_OF_CHIP.match(key)))
    return tuple(filter(None, keys))


def known_code(cell: Cell, names: Mapping[str, str]) -> str | None:
    """The field that a header names; None for every other text."""
    return next((names[key] for key in _keys(as_text(cell)) if key in names), None)


def known_codes(row: Row, names: Mapping[str, str]) -> set[str]:
    """The fields whose headers stand in a line."""
    found = (known_code(cell, names) for cell in row if isinstance(cell, str) and len(cell) <= _LONGEST_HEADER)
    return {code for code in found if code}


# --- where the header stands ------------------------------------------------------------------------------


def find_list(rows: Sequence[Row], names: ListNames, at_least: int) -> FoundTable | None:
    """The list of people whose header has the most known names, or None if no line has `at_least` of them.

    A header on several lines ends with the last of them: that is the `header_row` of what is found.
    """
    row = _header_row(rows, names.codes, at_least)
    if row is None:
        return None
    first, last = _block(rows, row, names.codes)
    if first == last:
        found = replace(_of_same_headers(tuple(rows[row - 1]), names), header_row=row)
    else:
        found = _of_several_lines(rows[first - 1 : last], first, last, names)
    return _with_halves(found, rows, names)


def _header_row(rows: Sequence[Row], names: Mapping[str, str], at_least: int) -> int | None:
    for top, bottom in ((0, NEAR), (NEAR, FAR)):
        best, known = 0, at_least - 1
        for number, row in enumerate(rows[top:bottom], top + 1):
            # A line of fewer cells has not more headers: so people below them cost nothing.
            if len(row) - row.count(None) > known and (count := len(known_codes(row, names))) > known:
                best, known = number, count
        if best:
            return _pasted_below(rows, best, names, at_least) or best
    return None


def _pasted_below(rows: Sequence[Row], best: int, names: Mapping[str, str], at_least: int) -> int | None:
    """The header of a list that was pasted with it right below the header that the tab had: it tells what stands where.
    One that says the same is left to those who read the lines.
    """
    below = next((n for n, row in enumerate(rows[best:FAR], best + 1) if not _is_empty(row)), None)
    if below is None or len(known_codes(rows[below - 1], names)) < max(at_least, 4):
        return None
    header, line = rows[best - 1], rows[below - 1]
    return None if says_the_same(line, header, names) or _is_group_line(header, line, names) else below


def says_the_same(row: Row, header: Row, names: Mapping[str, str]) -> bool:
    """Whether the known names of a line stand where those of the header do."""
    pairs = zip(row, header, strict=False)
    return all(known_code(one, names) in (None, known_code(other, names)) for one, other in pairs if one is not None)


def _is_empty(row: Row) -> bool:
    return all(cell is None or is_blank(cell) for cell in row)


# --- a header of one line ---------------------------------------------------------------------------------


def _of_same_headers(headers: tuple[Cell, ...], names: ListNames) -> FoundTable:
    """Where a table of one line of headers has which field, its line left open: nearly all tabs have the same."""
    if not all(cell is None or cell.__class__ is str for cell in headers):  # 1 and True are equal, and read otherwise
        return _joined(_of_one_line(headers, 0, names), headers, names)
    found = names.met.get(headers)
    if found is None:
        if len(names.met) >= _MOST_MET:
            names.met.clear()
        found = names.met[headers] = _joined(_of_one_line(headers, 0, names), headers, names)
    return found


def _of_one_line(headers: Row, row: int, names: ListNames) -> FoundTable:
    paths = {column: (as_text(cell),) for column, cell in _filled(headers)}
    codes = {column: known_code(path[0], names.codes) for column, path in paths.items()}
    return _collected(_of_whose_papers(paths, codes), row, row)


def _filled(headers: Row) -> Iterator[tuple[int, Cell]]:
    return ((column, cell) for column, cell in enumerate(headers, start=1) if not is_blank(cell))


def _of_whose_papers(
    paths: Mapping[int, Sequence[str]], codes: Mapping[int, str | None]
) -> Iterator[tuple[int, str | None, str]]:
    """(column, code, header); no code and more of a header where it is of another paper: "Ngày cấp" below "Chứng chỉ
    hành nghề", or to the right of its number.
    """
    paper = ""
    for column, path in paths.items():
        code, header = codes[column], path[-1]
        if code is None:
            yield column, None, header
            paper = header if is_of_another_paper(header) else paper
            continue
        beside = paper if paper and not path[1:] and bare(header) == _OF_ANY_PAPER else ""
        of = "" if is_of_another_paper(header) else next(filter(is_of_another_paper, path[:-1]), beside)
        yield (column, None, f"{of} / {header}") if of else (column, code, header)
        paper = beside


def is_of_another_paper(header: str) -> bool:
    """Whether a header names a paper that has a number and a day of issue, and is no card; or somebody's relative."""
    return _names_another(header[:_LONGEST_HEADER])


@lru_cache(maxsize=1 << 11)
def _names_another(header: str) -> bool:
    plain = bare(header)
    return _OTHER_PAPERS.search(plain) is not None and _CARDS.search(plain) is None


def _collected(found: Iterable[tuple[int, str | None, str]], first: int, last: int) -> FoundTable:
    columns: dict[str, int] = {}
    repeated: list[tuple[str, int]] = []
    unknown: list[tuple[int, str]] = []
    for column, code, header in found:
        if code is None:
            unknown.append((column, header))
        elif code in columns:
            repeated.append((code, column))
        else:
            columns[code] = column
    return FoundTable(last, columns, tuple(repeated), tuple(unknown), first_row=first if first < last else 0)


def _joined(table: FoundTable, headers: Row, names: ListNames) -> FoundTable:
    """With what stands in two neighbouring columns put together."""
    for column in range(1, len(headers)):
        code = _code_of_two(headers[column - 1], headers[column], names)
        if code and table.columns.get(code, column) == column:
            sources = (Source(column), Source(column + 1))
            unknown = tuple(each for each in table.unknown if each[0] not in (column, column + 1))
            composed = {**table.composed, code: Composed(How.JOINED, sources)}
            return replace(table, columns={**table.columns, code: column}, unknown=unknown, composed=composed)
    return table


def _code_of_two(one: Cell, other: Cell, names: ListNames) -> str | None:
    if one is None or other is None:
        return None
    pairs = ((left, right) for left in _keys(as_text(one)) for right in _keys(as_text(other)))
    return next((names.joined[pair] for pair in pairs if pair in names.joined), None)


def _with_halves(table: FoundTable, rows: Sequence[Row], names: ListNames) -> FoundTable:
    """With what stands under one header in two columns put together: the given name, to the right of "Họ và tên", often
    below a header that is merged over both.
    """
    for code in sorted({code for code in names.joined.values() if code in table.columns} - table.composed.keys()):
        column = table.columns[code]
        if _is_other_half(column, rows[table.top - 1 : table.header_row], rows[table.header_row :][:FAR], names):
            halves = Composed(How.JOINED, (Source(column), Source(column + 1)))
            table = replace(table, composed={**table.composed, code: halves})
    return table


def _is_other_half(column: int, headers: Sequence[Row], below: Sequence[Row], names: ListNames) -> bool:
    """Whether the column right of this one has no header, and for nearly everybody a word like a name: with a capital,
    chosen from no list, not the same for all.
    """
    if not all(is_blank(_at(row, column)) for row in headers):
        return False
    others = [_at(row, column) for row in below if isinstance(_at(row, column - 1), str)]
    words = [
        fold(cell) for cell in others if isinstance(cell, str) and cell[:1].isupper() and len(cell) < _LONGEST_WORD
    ]
    told = [word for word in words if word.isalpha()]
    chosen = (set(told) <= spellings.keys() for spellings in names.values.values())
    return len(told) > max(1, _NEARLY_ALL * len(others)) and len(set(told)) > 1 and not any(chosen)


def _at(row: Row, place: int) -> Cell:
    return row[place] if place < len(row) else None


# --- a header of several lines ----------------------------------------------------------------------------


def _block(rows: Sequence[Row], row: int, names: Mapping[str, str]) -> tuple[int, int]:
    """The first and the last line of the header around its best line."""
    first = last = row
    while last - first + 1 < _MOST_LINES and last < len(rows) and _is_group_line(rows[last - 1], rows[last], names):
        last += 1
    while last - first + 1 < _MOST_LINES and first > 1 and _completes(rows[first - 2], rows[first - 1], names):
        first -= 1
    return first, last


def _completes(above: Row, line: Row, names: Mapping[str, str]) -> bool:
    """Whether the line above names columns for which this one has nothing."""
    named = [c for c, cell in enumerate(above) if known_code(cell, names) and (c >= len(line) or is_blank(line[c]))]
    return bool(named) and _is_group_line(above, line, names)


def _is_group_line(above: Row, line: Row, names: Mapping[str, str]) -> bool:
    """Whether a line holds the parts of groups that the line above names, and nothing that is no header."""
    cells = {column: cell for column, cell in enumerate(line) if not is_blank(cell)}
    texts = [cell for row in (above, line) for cell in row if not is_blank(cell)]
    if not cells or not all(isinstance(text, str) and len(text) <= _LONGEST_HEADER for text in texts):
        return False
    grouped = set().union(*(group for group in _groups(above, len(line)) if _has_parts(group, cells)))
    return bool(grouped) and all(column in grouped or known_code(cell, names) for column, cell in cells.items())


def _has_parts(group: range, cells: Mapping[int, Cell]) -> bool:
    return group[0] in cells and sum(column in cells for column in group) > 1


def _groups(headers: Row, width: int) -> list[range]:
    """Which columns (from 0) each header of a line may stand above: its own and the blank ones to its right."""
    starts = [column for column, cell in enumerate(headers) if not is_blank(cell)]
    return [range(start, end) for start, end in zip(starts, [*starts[1:], max(width, len(headers))], strict=True)]


def _of_several_lines(lines: Sequence[Row], first: int, last: int, names: ListNames) -> FoundTable:
    width = range(1, max(map(len, lines)) + 1)
    paths = {column: path for column in width if (path := _path(lines, column - 1))}
    plain = {column: _plain_code(path, names) for column, path in paths.items()}
    table = _collected(_of_whose_papers(paths, plain), first, last)
    table = _joined(table, [paths[c][-1] if c in paths else None for c in range(1, max(paths) + 1)], names)
    parts = [(c, *part) for c, path in paths.items() if not plain[c] and (part := _part(path, names))]
    return _with_parts(table, parts, names)


def _path(lines: Sequence[Row], column: int) -> tuple[str, ...]:
    """The headers above a column, from the widest group to its own."""
    path: list[str] = []
    for number, line in enumerate(lines):
        cell = line[column] if column < len(line) else None
        if not is_blank(cell):
            path.append(as_text(cell))
        elif number < len(lines) - 1 and (group := _group_above(lines, number, column)):
            path.append(group)
    return tuple(path)


def _group_above(lines: Sequence[Row], number: int, column: int) -> str:
    """The header of the group to which a column without a header of its own in that line belongs."""
    below = {c: cell for c, cell in enumerate(lines[number + 1]) if not is_blank(cell)}
    for group in _groups(lines[number], len(lines[number + 1])):
        if column in group and column in below and _has_parts(group, below):
            return as_text(lines[number][group[0]])
    return ""


def _plain_code(path: Sequence[str], names: ListNames) -> str | None:
    """The field of a column by its own header, or by that and the one above."""
    own = known_code(path[-1], names.codes)
    if own or not path[1:] or _part(path, names):
        return own
    return next(filter(None, (known_code(each, names.codes) for each in _of_two(*path[-2:]))), None)


def _of_two(above: str, last: str) -> Iterator[str]:
    """What a header and the one above it say together: "Căn cước công dân" and "Số", "Số CCCD" and "Số" again, "Thẻ
    CCCD gắn chíp" and "Số thẻ".
    """
    above, last = _ABOUT.sub("", fold(above), count=1), fold(last)
    last = "số" if last in _JUST_A_NUMBER else last
    yield f"{above} {last}"
    yield f"{last} {above}"
    yield bare(f"{last} {above}")
    if above.startswith(last + " "):
        yield above


def _part(path: Sequence[str], names: ListNames) -> tuple[str, str] | None:
    """(code, value) of a column that holds a field where it is marked, or a date where that tells another field."""
    above = next((code for each in reversed(path[:-1]) if (code := known_code(each, names.codes))), None)
    value = fold(path[-1])
    if above in names.dates:
        tells = value in names.values.get(names.told_by_place, {}) or bare(value) in _DATE_PARTS
        return (above, path[-1]) if tells else None
    if above:
        return (above, path[-1]) if _is_value(above, value, names) else None
    codes = [code for code in names.values if _is_value(code, value, names)] if path[1:] else []
    return (codes[0], path[-1]) if len(codes) == 1 else None


def _is_value(code: str, value: str, names: ListNames) -> bool:
    """One word may be meant as many a value: "Ngày" is none of those that begin with it."""
    return value in names.values.get(code, {}) or (" " in value and names.may_mean(code, value))


def _with_parts(table: FoundTable, parts: Sequence[tuple[int, str, str]], names: ListNames) -> FoundTable:
    composed = dict(table.composed)
    for code in dict.fromkeys(code for _, code, _ in parts if code not in table.columns):
        sources = tuple(Source(column, label) for column, each, label in parts if each == code)
        composed |= _date(code, sources, table, names) if code in names.dates else {code: Composed(How.MARKED, sources)}
    columns = {**table.columns, **{code: each.sources[0].column for code, each in composed.items()}}
    taken = {source.column for each in composed.values() for source in each.sources}
    unknown = tuple(each for each in table.unknown if each[0] not in taken)
    return replace(table, columns=columns, unknown=unknown, composed=composed)


def _date(code: str, sources: Sequence[Source], table: FoundTable, names: ListNames) -> Mapping[str, Composed]:
    """A date whose day, month and year have a column each, or that tells another field by where it stands."""
    parts = {bare(source.label): source for source in sources if bare(source.label) in _DATE_PARTS}
    if len(parts) == len(_DATE_PARTS):
        return {code: Composed(How.DATED, tuple(parts[each] for each in _DATE_PARTS))}
    words = names.values.get(names.told_by_place, {})
    placed = tuple(source for source in sources if fold(source.label) in words)
    told = Composed(How.MARKED, placed)
    found = {code: Composed(How.FIRST, placed)} if placed else {}
    return found if not placed or names.told_by_place in table.columns else {**found, names.told_by_place: told}
