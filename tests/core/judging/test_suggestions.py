"""What people type into columns with a list, and what is made of it or said to it.

A line of a table is `= value: texts` where the texts are read as the value, `value hay value: texts` where these are
named as what may be meant, and `?: texts` where nothing is: a wrong guess would be worse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import pytest

from automation.core.config.values import FieldCode, spellings_of
from automation.core.reading.cells import fold
from automation.core.reading.suggestions import candidates, nearest
from tests.workbooks import config_with, unit_line

CONFIG = config_with([unit_line("a")])

CARD = """
= Đã có: Đã có | có | có rồi | rồi | x | ✓ | ok | da co | đã cấp | đã được cấp | đã nhận | có thẻ | đã có thẻ
= Đã làm, chờ cấp: đã làm | Đã làm, chưa nhận | da lam | đã làm hồ sơ | chờ cấp | đang chờ thẻ | chưa nhận thẻ |
    có giấy hẹn | đã lăn tay
= Chưa làm: chưa | chưa có | chua | ko | k | không | chưa làm | chưa đi làm | còn CMND | CMND 9 số
= Mất, hỏng, cần đổi: mất | mất thẻ | làm mất | hỏng | gãy | hết hạn | thẻ hết hạn | cần đổi | cần cấp lại
Đã làm, chờ cấp hay Chưa làm: làm
?: cấp | đang làm | đã đổi | có CCCD | thẻ | thẻ từ | mất rồi | chưa mất | không hỏng | đã hết hạn chưa | có hẹn
    làm | đang | đã | đã có nhưng hỏng | đã có CCCD mã vạch |
    đã có CMND | đã có thẻ cũ | sắp đã có | đã có hẹn | đã có lịch hẹn | đã có, thất lạc | đã có, gãy | đã có, cần đổi |
    đã có thẻ từ | đã có thẻ BHYT | đã có lăn tay | gần đã có
"""
LEVEL = """
= Mức 1: 1 | 01 | mức 1 | cấp 1 | mức một
= Mức 2: 2 | muc 2 | Mức 2 | mức độ 2 | M2 | level 2
?: Mức 3 | 12 | mức 1 và 2 | chưa có mức | 0 | không | dự kiến mức 2 | mức 2 rớt
Mức 1 hay Mức 2: mức
Mức 2: mức 2?
"""
STAGE = """
= Chưa đăng ký: Chưa đăng ký | chưa | chưa có | ko | chua dang ky | chưa đăng kí
= Đã đăng ký, chờ duyệt: Đã đăng ký | đã đăng kí | da dang ky | đang chờ | đang chờ duyệt | chờ duyệt | chưa
    duyệt | đã nộp hồ sơ
= Không được duyệt: không duyệt | bị từ chối | từ chối
= Đã duyệt, chưa kích hoạt: Đã duyệt | được duyệt | đã phê duyệt | chờ kích hoạt | chưa kích hoạt | đã nhận tin
    nhắn
Đã kích hoạt, chưa đăng nhập hay Đã kích hoạt và đăng nhập: Đã kích hoạt | da kich hoat | đăng nhập
Đã duyệt, chưa kích hoạt hay Đã kích hoạt, chưa đăng nhập hay Đã kích hoạt và đăng nhập: kích hoạt
= Đã kích hoạt, chưa đăng nhập: chưa đăng nhập | không đăng nhập được
= Đã kích hoạt và đăng nhập: đã đăng nhập | đăng nhập được | xong | hoàn thành | đã xong
Đã đăng ký, chờ duyệt hay Không được duyệt hay Đã duyệt, chưa kích hoạt: duyệt
Chưa đăng ký hay Đã đăng ký, chờ duyệt: đăng ký
?: chưa biết | không rõ | đã kích hoạt mức 2 | đang | chờ | đã | hết hạn | mất | bị khóa | quên mật khẩu | lỗi |
    đã kích hoạt chưa
"""
PARTY = """
= Có: x | có | co | rồi | đúng | đảng viên | dự bị | y
= Không: không | ko | k | kg | n | - | chưa | quần chúng | chưa vào Đảng
?: có lẽ | không biết | đang phấn đấu | đoàn viên | cảm tình Đảng
"""
GENDER = """
= Nam: nam | m | male | ông | Nam giới
= Nữ: nữ | nu | f | female | bà
?: Na | nam nữ | khác | x | 1
"""
CATEGORY = """
= Công chức: Công chức | công chức nhà nước | cc
= Viên chức: vc | vien chuc | Viên chức y tế
= Người lao động: NLĐ | hợp đồng | HĐ 68 | hợp đồng lao động
Người lao động: lao động
Viên chức: viên | Viên chức hạng III
Công chức: công
Công chức hay Viên chức: chức
?: bác sĩ | điều dưỡng | CBVC | cán bộ | tập sự | không phải công chức | cựu viên chức | viên chức hợp đồng
"""
EXEMPTION = """
= Đã nghỉ việc, chuyển công tác: nghỉ việc | đã nghỉ việc | thôi việc | chuyển công tác | điều chuyển | đã
    chuyển đi
= Đã nghỉ hưu: nghỉ hưu | về hưu | hưu
= Biệt phái đến: biệt phái đến
?: biệt phái đến BV khác | hủy nghỉ dài ngày theo chế độ |
    biệt phái | Biệt phái đi | đi biệt phái | hoãn | miễn | ốm |
    nghỉ phép | chưa nghỉ việc | đã mất | chờ | sắp nghỉ hưu
= Người nước ngoài: người nước ngoài
= Đang ở nước ngoài: ở nước ngoài | du học
= Nghỉ dài ngày theo chế độ: thai sản | nghỉ thai sản
= Đi học dài hạn trong nước: đi học
= Chờ cấp lại, đính chính giấy tờ: cấp lại giấy tờ
Đã nghỉ việc, chuyển công tác hay Đã nghỉ hưu hay Nghỉ dài ngày theo chế độ: nghỉ
Đã nghỉ việc, chuyển công tác hay Đã nghỉ hưu: đã nghỉ
Người nước ngoài hay Đang ở nước ngoài: nước ngoài
"""

TABLES = {
    FieldCode.CARD: CARD,
    FieldCode.LEVEL: LEVEL,
    FieldCode.STAGE: STAGE,
    FieldCode.PARTY: PARTY,
    FieldCode.GENDER: GENDER,
    FieldCode.CATEGORY: CATEGORY,
    FieldCode.EXEMPTION: EXEMPTION,
}


def facts() -> Iterator[tuple[str, str, str]]:
    for code, table in TABLES.items():
        for line in re.sub(r"\n +", " ", table).strip().splitlines():
            said, _, typed = line.partition(": ")
            yield from ((code, each, said) for each in typed.split(" | "))


def said_to(code: str, typed: str) -> str:
    spellings = spellings_of(CONFIG.lists[CONFIG.field(code).list_name])
    read = spellings.get(fold(typed))
    return f"= {read}" if read else " hay ".join(candidates(typed, CONFIG.list_values(code))) or "?"


@pytest.mark.parametrize(("code", "typed", "said"), list(facts()))
def test_what_is_said_to_what_people_type(code: str, typed: str, said: str) -> None:
    assert said_to(code, typed) == said


def test_the_table_is_as_long_as_it_has_to_be() -> None:
    assert len(set(facts())) >= 150


TURNING = ("chưa", "đã", "đang", "không", "mất")
VALUES = sorted({value for code in TABLES for value in CONFIG.list_values(code)})


def words_of(value: str) -> list[str]:
    return re.findall(r"\w+", fold(value))


def parts_of(value: str) -> Iterator[str]:
    """What may be typed for it: words of it that stand together, with another one before or behind them."""
    words = words_of(value)
    for first, last in combinations(range(len(words) + 1), 2):
        part = " ".join(words[first:last])
        yield part
        for other in (*TURNING, "rồi"):
            yield from (f"{other} {part}", f"{part} {other}")


def test_no_guess_goes_across_a_word_that_turns_the_meaning() -> None:
    tried = [(code, typed) for code in TABLES for value in VALUES for typed in parts_of(value)]
    guesses = [(typed, each) for code, typed in tried for each in candidates(typed, CONFIG.list_values(code))]
    assert len(guesses) > 300
    turned = [(typed, to) for typed, to in guesses if not set(TURNING) & set(words_of(typed)) <= set(words_of(to))]
    assert turned == []


@pytest.mark.parametrize(
    ("typed", "allowed", "meant"),
    [
        ("Han hoan thanh", ["Hạn hoàn thành", "Ngày hoàn thành"], "Hạn hoàn thành"),
        ("Đã đăng ký", ["Chưa đăng ký"], None),
        ("Mức 3", ["Mức 1", "Mức 2"], None),
        ("nhac-viec-2", ["nhac-viec-1", "nhac-viec-3"], None),
        ("Email đâu mối", ["Email đầu mối", "Điện thoại đầu mối"], "Email đầu mối"),
        ("aab", ["aaa", "aac"], None),  # two are as near
        # another word is no slip
        ("trong diện", ["ngoài diện"], None),
        ("không trước", ["không sau"], None),
        ("Ngày kết nạp", ["Ngày kết thúc"], None),
        ("Ngày thôi việc", ["Ngày cấp thẻ"], None),
        ("Ngày hoãn", ["Ngày kích hoạt"], None),
        ("Ngày duyệt", ["Ngày quán triệt"], None),
        ("Tình trạng hôn nhân", ["Tình trạng tài khoản"], None),
        ("im-lang", ["nhac-viec"], None),
        ("Khoa", ["Khó khăn"], None),  # one word is no slip of two
        # a letter, a space, a word too many
        ("ngàyy", ["ngày"], "ngày"),
        ("Họ vàtên", ["Họ và tên"], "Họ và tên"),
        ("bv-q 11", ["bv-q11"], "bv-q11"),
        ("Số CCCD/CMND", ["Số CCCD"], "Số CCCD"),
        ("Ngay cap the", ["Ngày cấp thẻ"], "Ngày cấp thẻ"),
    ],
)
def test_a_name_is_guessed_by_its_letters_and_never_across_its_meaning(
    typed: str, allowed: list[str], meant: str | None
) -> None:
    assert nearest(typed, allowed) == meant
