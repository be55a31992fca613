"""Staff lists as units keep them, with made-up people: the official form with two header lines, sections, subtotals,
signatures, exports, headers without diacritics. Each with what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import TypeAlias

from msgspec import Struct

from automation.core.model.workbook import Cell, Row
from tests.core.facts import nfd

Area: TypeAlias = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 1."""

DONE, NOT_LOGGED_IN, WAITING, NOT_BEGUN = (
    "Đã kích hoạt và đăng nhập",
    "Đã kích hoạt, chưa đăng nhập",
    "Đã đăng ký, chờ duyệt",
    "Chưa đăng ký",
)


def _texts(line: str) -> list[str]:
    return line.split("|")


def _cells(line: str) -> list[Cell]:
    return list(_texts(line))


_NAMES = _texts(
    "Nguyễn Văn An|Trần Thị Ánh|Lê Minh Bình|Phạm Ngọc Hằng|Huỳnh Quốc Dũng|Võ Thị Thu Lệ|"
    "Đặng Hữu Hòa|Bùi Kim Thủy|Đỗ Đức Khôi|Ngô Mỹ Yến|Dương Văn Quý|Lý Thị Vy"
)
_DEPARTMENTS = ("Ban Giám đốc", "Phòng Tổ chức cán bộ", "Khoa Khám bệnh", "Khoa Dược", "Khoa Nội")
_STAGES = {2: NOT_LOGGED_IN, 5: WAITING, 7: NOT_BEGUN, 10: NOT_BEGUN}
_X = "x"


class Staff(Struct, frozen=True):
    """Somebody who stands in a list."""

    number: int
    name: str
    gender: str
    born: date
    identity: str
    category: str
    department: str
    phone: str
    card: str
    issued: date | None
    level: str
    stage: str

    @property
    def front(self) -> str:
        """Family and middle name."""
        return self.name.rpartition(" ")[0]

    @property
    def given(self) -> str:
        return self.name.rpartition(" ")[2]


def _somebody(place: int) -> Staff:
    female, has_card = place % 2, place != 10
    born = date(1965 + 2 * place, place + 1, 2 * place + 1)
    stage = _STAGES.get(place, DONE)
    return Staff(
        number=place + 1,
        name=_NAMES[place],
        gender="Nữ" if female else "Nam",
        born=born,
        identity=f"079{female}{born.year % 100:02d}{place + 1:06d}",
        category=("Viên chức", "Viên chức", "Người lao động", "Công chức")[place % 4],
        department=_DEPARTMENTS[place * len(_DEPARTMENTS) // 12],
        phone=f"09{12345670 + place}",
        card="Đã có" if has_card else "Chưa làm",
        issued=date(2021, 5, 10 + place) if has_card else None,
        level="" if stage == NOT_BEGUN else ("Mức 2" if place % 3 else "Mức 1"),
        stage=stage,
    )


TWELVE = tuple(map(_somebody, range(12)))
"""Of whom eight are done."""


def _four(*names: str) -> tuple[Staff, ...]:
    born = date(1985, 3, 15)
    return tuple(
        Staff(
            number=place + 1,
            name=name,
            gender=("Nam", "Nữ")[place % 2],
            born=born,
            identity=f"079{place % 2}85{place + 1:06d}",
            category="Viên chức",
            department="",
            phone="",
            card="Đã có",
            issued=date(2021, 5, 10),
            level="Mức 2",
            stage=DONE,
        )
        for place, name in enumerate(names)
    )


FOUR = _four("Dương Văn An", "Lý Thị Vy", "Ngô Đức Tú", "Bùi Mỹ Hằng")
"""Who are all done."""


class KeptList(Struct, frozen=True):
    """A tab as a unit has it, and what is right."""

    rows: Sequence[Row]
    people: tuple[int, ...]
    """The lines of people; none where the tab cannot be read."""
    done: int
    merged: tuple[Area, ...] = ()
    said: tuple[str, ...] = ()
    """What some sentence about the unit has to hold."""
    clean: bool = True
    """Whether nothing at all is found wrong with anybody."""


def _dmy(day: date | None) -> str | None:
    return day.strftime("%d/%m/%Y") if day else None


def _letterhead(title: str) -> list[Row]:
    return [
        ["SỞ Y TẾ THÀNH PHỐ", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["BỆNH VIỆN MẪU", None, None, None, "Độc lập - Tự do - Hạnh phúc"],
        [],
        [title],
        ["(Kèm theo Công văn số      /      ngày      tháng 4 năm 2023)"],
        [],
    ]


def _signatures(total: str) -> list[Row]:
    return [
        [None, total],
        [],
        [None, None, None, None, None, "Ngày      tháng 4 năm 2023"],
        [None, "NGƯỜI LẬP BIỂU", None, None, None, "THỦ TRƯỞNG ĐƠN VỊ"],
        [None, "(Ký, ghi rõ họ tên)", None, None, None, "(Ký tên, đóng dấu)"],
        [],
        [None, "Đỗ Thị Kim Lệ", None, None, None, "Lý Quốc Khôi"],
    ]


def _lines(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def _official() -> KeptList:
    """Birth date under Nam | Nữ, marks under two merged headings, a line (1) (2) (3), signatures below."""
    rows = _letterhead("DANH SÁCH CÁN BỘ, VIÊN CHỨC KÍCH HOẠT TÀI KHOẢN ĐỊNH DANH ĐIỆN TỬ")
    rows.append([
        "STT", "Họ và tên", "Ngày, tháng, năm sinh", None, "Số CCCD", "Đối tượng", "Khoa/Phòng", "Thẻ CCCD gắn chíp",
        None, "Tài khoản định danh điện tử", None, None, "Ghi chú",
    ])  # fmt: skip
    rows.append([None, None, "Nam", "Nữ", None, None, None, "Đã có", "Chưa có", "Mức 1", "Mức 2", "Đã kích hoạt"])
    rows.append([f"({number})" for number in range(1, 14)])
    for p in TWELVE:
        man, card = p.gender == "Nam", p.card == "Đã có"
        born = [p.born, None] if man else [None, p.born]
        marks = [card, not card, p.level == "Mức 1", p.level == "Mức 2", p.stage.startswith("Đã kích hoạt")]
        rows.append(
            [p.number, p.name, *born, p.identity, p.category, p.department, *(_X if each else None for each in marks)]
        )
    merged = (*((7, a, 7, b) for a, b in ((3, 4), (8, 9), (10, 12))), *((7, c, 8, c) for c in (1, 2, 5, 6, 7, 13)))
    rows += _signatures("Tổng cộng: 12 người./.")
    return KeptList(rows, _lines(10, 12), 0, merged, clean=False)


def _split_name() -> KeptList:
    """Family and middle name in one column, the given name in the next."""
    header = "TT|Họ và tên đệm|Tên|Ngày sinh|Giới tính|Số CCCD|Đối tượng|Thẻ CCCD gắn chíp|Ngày cấp|Mức|Tình trạng"
    people: list[Row] = [
        [p.number, p.front, p.given, p.born, p.gender, p.identity, p.category, p.card, p.issued, p.level, p.stage]
        for p in TWELVE
    ]
    return KeptList([["DANH SÁCH NHÂN SỰ"], [], _cells(header), *people], _lines(4, 12), 8, ((1, 1, 1, 11),))


def _personnel_export() -> KeptList:
    """Header on line 1; numbers without their zeros; nothing on card and account."""
    header = (
        "Mã NV|Họ tên (*)|Giới tính|Ngày sinh (dd/mm/yyyy)|Số CMND/CCCD (*)|Ngày cấp|Nơi cấp|Số điện thoại|Phòng ban|"
        "Loại hợp đồng"
    )
    people: list[Row] = [
        [
            f"NV{p.number:04d}",
            p.name.upper(),
            p.gender,
            _dmy(p.born),
            int(p.identity),
            _dmy(p.issued),
            "Cục CS QLHC về TTXH",
            int(p.phone),
            p.department,
            p.category,
        ]
        for p in TWELVE
    ]
    said = ("Đối tượng", "Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản", "Loại hợp đồng")
    return KeptList([_cells(header), *people], (), 0, said=said)


def _no_diacritics() -> KeptList:
    header = "STT|HO VA TEN|NGAY SINH|GIOI TINH|SO CCCD|DOI TUONG|KHOA PHONG|THE CCCD GAN CHIP|MUC|TINH TRANG"
    people: list[Row] = [
        [p.number, p.name, p.born, p.gender, p.identity, p.category, p.department, p.card, p.level, p.stage]
        for p in TWELVE
    ]
    rows: list[Row] = [["DANH SACH CBCCVC - BENH VIEN MAU"], [], _cells(header), *people]
    return KeptList(rows, _lines(4, 12), 8)


def _by_department() -> KeptList:
    """Sections with Roman numerals (some merged over the line), numbered anew in each, a subtotal each, signatures."""
    rows = _letterhead("DANH SÁCH NHÂN SỰ THEO KHOA, PHÒNG")
    header = (
        "STT|Họ và tên|Ngày sinh|Giới tính|Số CCCD|Đối tượng|Thẻ CCCD gắn chíp|Mức độ định danh|Tình trạng tài khoản|"
        "Ghi chú"
    )
    rows.append(_cells(header))
    people: list[int] = []
    merged: list[Area] = []
    for place, (department, group) in enumerate(groupby(TWELVE, lambda p: p.department)):
        staff, roman = list(group), ("I", "II", "III", "IV", "V")[place]
        if place % 2:
            rows.append([f"{roman}. {department.upper()}"])
            merged.append((len(rows), 1, len(rows), 10))
        else:
            rows.append([roman, department.upper(), *[None] * 7, f"{len(staff)} người"])
        for number, p in enumerate(staff, 1):
            rows.append([number, p.name, p.born, p.gender, p.identity, p.category, p.card, p.level, p.stage])
            people.append(len(rows))
        rows.append([None, f"Cộng {department}: {len(staff)}"])
    return KeptList([*rows, *_signatures("Tổng số: 12 người./.")], tuple(people), 8, tuple(merged))


def _broken_headers() -> KeptList:
    """Headers over several lines of text, in capitals, with spaces left over; everything decomposed (NFD)."""
    header = (
        "Số\nTT|HỌ VÀ\nTÊN |NGÀY\nSINH|GIỚI\nTÍNH|SỐ\nCCCD\n(12 số)|ĐỐI\nTƯỢNG |THẺ CCCD\nGẮN CHÍP|MỨC\nTÀI KHOẢN|"
        "TÌNH TRẠNG\nTÀI KHOẢN"
    )
    people: list[Row] = [
        [
            p.number,
            *map(nfd, (p.name, p.born.strftime("%d/%m/%Y"), p.gender, p.identity)),
            *map(nfd, (p.category, p.card, p.level, p.stage)),
        ]
        for p in TWELVE
    ]
    rows: list[Row] = [[nfd("Danh sách viên chức")], [], [nfd(text) for text in _texts(header)], *people]
    return KeptList(rows, _lines(4, 12), 8)


def _counts() -> KeptList:
    """A table of counts by department: no list of people at all."""
    rows = _letterhead("BIỂU TỔNG HỢP KẾT QUẢ KÍCH HOẠT TÀI KHOẢN ĐỊNH DANH ĐIỆN TỬ")
    rows.append(_cells("STT|Khoa/Phòng|Tổng số CBCCVC|CCCD gắn chip|Mức 1|Mức 2|Đã kích hoạt|Tỷ lệ (%)"))
    for place, (department, group) in enumerate(groupby(TWELVE, lambda p: p.department), 1):
        staff = list(group)
        rows.append([place, department, len(staff), len(staff), 1, 1, 2, 50.0])
    return KeptList([*rows, *_signatures("Tổng cộng: 12 người")], (), 0, said=("bảng số liệu tổng hợp",))


_OURS = _cells(
    "STT|Họ và tên|Ngày sinh|Giới tính|Số CCCD|Đối tượng|Đảng viên|Khoa/Phòng|Điện thoại|Thẻ CCCD gắn chíp|"
    "Ngày cấp thẻ|Mức tài khoản|Tình trạng tài khoản"
)


def _below_our_header() -> KeptList:
    """Our header on line 3, the unit's own header and order pasted at A4."""
    header = (
        "TT|Khoa/Phòng|Họ và tên|Giới tính|Ngày sinh|Đối tượng|Số CCCD|Thẻ CCCD gắn chíp|Tình trạng tài khoản|"
        "Mức tài khoản"
    )
    people: list[Row] = [
        [p.number, p.department, p.name, p.gender, p.born, p.category, p.identity, p.card, p.stage, p.level]
        for p in TWELVE
    ]
    return KeptList([[], [], _OURS, _cells(header), *people], _lines(5, 12), 8)


# --- one difficulty each ----------------------------------------------------------------------------------

_HEADER = "STT|Họ và tên|Ngày sinh|Giới tính|Số CCCD|Đối tượng|Thẻ CCCD gắn chíp|Mức tài khoản|Tình trạng tài khoản"
_HEADERS: Row = _cells(_HEADER)
_TITLE: list[Row] = [["DANH SÁCH VIÊN CHỨC"], []]


def _line(p: Staff) -> list[Cell]:
    return [p.number, p.name, p.born, p.gender, p.identity, p.category, p.card, p.level, p.stage]


def _all(staff: Iterable[Staff]) -> list[Row]:
    return [_line(p) for p in staff]


def _birth_date_by_gender() -> KeptList:
    top = ["STT", "Họ và tên", "Ngày, tháng, năm sinh", None, *_HEADERS[4:]]
    people: list[Row] = [
        [*_line(p)[:2], *((p.born, None) if p.gender == "Nam" else (None, p.born)), *_line(p)[4:]] for p in FOUR
    ]
    rows = [*_TITLE, top, [None, None, "Nam", "Nữ"], *people]
    return KeptList(rows, _lines(5, 4), 4, ((3, 3, 3, 4), (3, 1, 4, 1), (3, 2, 4, 2)))


def _number_and_its_parts() -> KeptList:
    top: Row = [
        "STT", "HỌ VÀ TÊN", "NGÀY SINH", "GIỚI TÍNH", "SỐ CCCD, NGÀY CẤP, NƠI CẤP", None, None, "ĐỐI TƯỢNG",
        "CCCD GẮN CHIP", "ĐỊNH DANH ĐIỆN TỬ", None,
    ]  # fmt: skip
    below: Row = [None, None, None, None, "CCCD", "NGÀY CẤP", "NƠI CẤP", None, None, "MỨC ĐỘ", "TÌNH TRẠNG"]
    people: list[Row] = [[*_line(p)[:5], p.issued, "Cục CS", *_line(p)[5:]] for p in FOUR]
    return KeptList([*_TITLE, top, below, *people], _lines(5, 4), 4, ((3, 5, 3, 7), (3, 10, 3, 11)))


def _day_without_of_what() -> KeptList:
    """A part of a group that is called by a word which is also the beginning of a value."""
    top: Row = [
        "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD; ngày, nơi cấp", None, None, "Đối tượng",
        "Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản",
    ]  # fmt: skip
    below: Row = [None, None, None, None, "Số CCCD", "Ngày", "Nơi cấp", *[None] * 4]
    people: list[Row] = [[*_line(p)[:5], p.issued, "Cục CS", *_line(p)[5:]] for p in FOUR]
    return KeptList([*_TITLE, top, below, *people], _lines(5, 4), 4, ((3, 5, 3, 7),))


def _three_header_lines() -> KeptList:
    """Groups of groups, with the names of the columns on three lines."""
    top: Row = ["STT", "Họ và tên", "THÔNG TIN CÁ NHÂN", None, None, None, "ĐỊNH DANH ĐIỆN TỬ", None, None]
    middle: Row = [None, None, "Ngày sinh", None, "Số CCCD", "Đối tượng", "Thẻ CCCD gắn chíp", "Tài khoản", None]
    below: Row = [None, None, "Nam", "Nữ", None, None, None, "Mức", "Tình trạng"]
    people: list[Row] = [
        [
            p.number,
            p.name,
            *((p.born, None) if p.gender == "Nam" else (None, p.born)),
            p.identity,
            p.category,
            p.card,
            p.level,
            p.stage,
        ]
        for p in FOUR
    ]
    return KeptList([*_TITLE, top, middle, below, *people], _lines(6, 4), 4)


def _merged_header() -> KeptList:
    rows = [*_TITLE, [*_HEADERS, "Ghi chú", None], *_all(FOUR)]
    return KeptList(rows, _lines(4, 4), 4, ((3, 10, 3, 11),))


def _sections() -> KeptList:
    rows: list[Row] = [
        *_TITLE,
        _HEADERS,
        ["I", "BAN GIÁM ĐỐC"],
        *_all(FOUR[:2]),
        [None, "Cộng Ban Giám đốc: 2"],
        ["II", "KHOA DƯỢC"],
        *_all(FOUR[2:]),
        [None, "Cộng khoa Dược: 2"],
        [None, "Tổng số: 04 người./."],
        [None, "TỔNG CỘNG (I+II)"],
        [],
        *_signatures("Ghi chú: danh sách tính đến ngày 20/4/2023")[2:],
    ]
    return KeptList(rows, (5, 6, 9, 10), 4)


def _might_be_a_person() -> KeptList:
    rows: list[Row] = [*_TITLE, _HEADERS, *_all(FOUR[:3]), [4, "Ban Thị Hoa"]]
    return KeptList(rows, _lines(4, 4), 3, clean=False)


def _own_header_below() -> KeptList:
    order = (0, 5, 1, 3, 2, 4, 6, 8, 7)
    rows = [[row[place] for place in order] for row in (_HEADERS, *_all(FOUR))]
    return KeptList([[], [], _HEADERS, *rows], _lines(5, 4), 4)


def _other_header_among_people() -> KeptList:
    """A second list with an order of its own appended: what stands below cannot be read by the first header."""
    order = (0, 5, 1, 3, 2, 4, 6, 8, 7)
    others = [[row[place] for place in order] for row in (_HEADERS, *_all(FOUR[2:]))]
    return KeptList([[], [], _HEADERS, *_all(FOUR[:2]), *others], (), 0, said=("dòng 6",))


def _people_above() -> KeptList:
    """Somebody sorted the whole tab, its header too."""
    rows = [[], [], *_all(FOUR[:2]), _HEADERS, *_all(FOUR[2:])]
    return KeptList(rows, _lines(6, 2), 2, said=("dòng 3, 4",))


def _category_merged() -> KeptList:
    rows = [
        [],
        [],
        _HEADERS,
        _line(FOUR[0]),
        *([*_line(p)[:5], None, *_line(p)[6:]] for p in FOUR[1:3]),
        _line(FOUR[3]),
    ]
    return KeptList(rows, _lines(4, 4), 4, ((4, 6, 6, 6),), said=("gộp ô",))


def _given_name_apart() -> KeptList:
    header = ["STT", "Họ đệm", "Tên", *_HEADERS[2:]]
    born = date(1985, 3, 15)
    people: list[Row] = [
        [number, "Dương Văn", given, born, "Nam", None, "Viên chức", "Chưa làm"]
        for number, given in ((1, "An"), (2, "Tú"))
    ]
    return KeptList([*_TITLE, header, *people], (4, 5), 0)


def _birth_date_in_parts() -> KeptList:
    """Day, month and year of birth under one header, in a column each."""
    after = _HEADERS[3:]
    above: Row = ["STT", "Họ và tên", "Ngày tháng năm sinh", None, None, *after]
    people: list[Row] = [[p.number, p.name, p.born.day, p.born.month, p.born.year, *_line(p)[3:]] for p in FOUR]
    merged = ((3, 3, 3, 5),)
    return KeptList([*_TITLE, above, [None, None, "Ngày", "Tháng", "Năm"], *people], _lines(5, 4), 4, merged)


def _side_by_side() -> KeptList:
    """Half of the people beside the other half: they are not counted, and somebody is told."""
    halves = zip(FOUR[:2], FOUR[2:], strict=True)
    people: list[Row] = [[*_line(left), None, *_line(right)] for left, right in halves]
    header: Row = [*_HEADERS, None, *_HEADERS]
    return KeptList([*_TITLE, header, *people], _lines(4, 2), 2, said=("danh sách thứ hai", "(2 dòng)"))


def _office_words() -> KeptList:
    """Headers as offices word them."""
    header = (
        "Stt|Họ tên CBVC (*)|Ngày/tháng/năm sinh|Giới tính (Nam/Nữ)|Số thẻ CCCD *|Đối tượng|Số ĐTDĐ|Thẻ CCCD gắn chip|"
        "Mức TK (1/2)|Tình trạng TK"
    )
    people: list[Row] = [
        [p.number, p.name, p.born, p.gender, p.identity, p.category, "-", p.card, p.level, p.stage] for p in FOUR
    ]
    return KeptList([*_TITLE, _cells(header), *people], _lines(4, 4), 4)


def _far_down() -> KeptList:
    """A letterhead and notes of sixty lines before the header."""
    notes: list[Row] = [[f"Ghi chú thứ {number}"] for number in range(1, 61)]
    return KeptList([*notes, _HEADERS, *_all(FOUR)], _lines(62, 4), 4)


def _unreadable() -> KeptList:
    people: list[Row] = [[p.number, p.name, p.born, p.identity] for p in FOUR]
    said = ("Đối tượng", "Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản")
    return KeptList([*_TITLE, ["STT", "Họ và tên", "Ngày sinh", "Số CCCD"], *people], (), 0, said=said)


def _few_headers() -> KeptList:
    """Fewer known headers than make a table: those that were seen are named."""
    people: list[Row] = [[p.number, p.name] for p in FOUR]
    return KeptList([*_TITLE, ["STT", "Họ và tên", "Lương cơ bản"], *people], (), 0, said=("Lương cơ bản", "dòng 3"))


LEGACY = ("NguyÔn V¨n An", "Nguyeãn Vaên An", "Nguyá»…n VÄƒn An", "Nguy?n V?n An", "Nguy\ufffdn V\ufffdn An")
"""One name in TCVN3, VNI, UTF-8 read as another encoding, and with letters that are lost."""


def _legacy() -> KeptList:
    rows = [[], [], _HEADERS, *_all(_four(*LEGACY))]
    return KeptList(rows, _lines(4, 5), 5, clean=False)


_MAKERS: Mapping[str, Callable[[], KeptList]] = {
    "official": _official,
    "split_name": _split_name,
    "personnel_export": _personnel_export,
    "no_diacritics": _no_diacritics,
    "by_department": _by_department,
    "broken_headers": _broken_headers,
    "counts": _counts,
    "below_our_header": _below_our_header,
    "birth_date_by_gender": _birth_date_by_gender,
    "number_and_its_parts": _number_and_its_parts,
    "day_without_of_what": _day_without_of_what,
    "three_header_lines": _three_header_lines,
    "merged_header": _merged_header,
    "sections": _sections,
    "might_be_a_person": _might_be_a_person,
    "own_header_below": _own_header_below,
    "other_header_among_people": _other_header_among_people,
    "people_above": _people_above,
    "category_merged": _category_merged,
    "given_name_apart": _given_name_apart,
    "birth_date_in_parts": _birth_date_in_parts,
    "side_by_side": _side_by_side,
    "office_words": _office_words,
    "far_down": _far_down,
    "unreadable": _unreadable,
    "few_headers": _few_headers,
    "legacy": _legacy,
}

LISTS: Mapping[str, KeptList] = {name: make() for name, make in _MAKERS.items()}
