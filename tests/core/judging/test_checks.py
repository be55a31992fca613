"""Every default rule: rows in which it finds fault and rows in which it must not, with all findings of the row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple, cast

import pytest

from automation.adapters.config_files import default_tables
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.meanings import all_words, rank_of
from automation.core.config.values import PLACE_LIST, FieldType
from automation.core.judging.checks import CheckInput, Uniqueness, suggestion
from automation.core.judging.judged import Judged, SharedNumber
from automation.core.judging.lists.gathering import read_people
from automation.core.model.units import Mode
from automation.core.model.workbook import UNCALCULATED, Cell, Row
from tests.core.facts import (
    ACTIVATED,
    BORN,
    CARD,
    CATEGORY,
    DEPARTMENT,
    DIFFICULTY,
    EXEMPTION,
    GENDER,
    ISSUED,
    LEVEL,
    NAME,
    NUMBER,
    PARTY,
    PHONE,
    STAGE,
    UNTIL,
    Person,
    changed,
    codes_alone,
    codes_of,
    nfd,
    only,
    table_with,
)
from tests.examples import cross_section
from tests.lists import LEGACY
from tests.workbooks import NOW, SOUND, config_with, judge_units, unit_line

ERRORS = {
    "ho-ten-trong",
    "ngay-sinh-trong",
    "ngay-sinh-sai",
    "gioi-tinh-danh-muc",
    "doi-tuong-danh-muc",
    "dang-vien-danh-muc",
    "the-danh-muc",
    "muc-danh-muc",
    "tinh-trang-danh-muc",
    "mien-hoan-danh-muc",
    "doi-tuong-trong",
    "cccd-trong",
    "cccd-12-so",
    "cmnd-9-so",
    "cccd-nam-sinh",
    "cccd-trung-trong-don-vi",
    "ngay-cap-sai",
    "ngay-kich-hoat-sai",
    "muc-2-can-the",
    "tai-khoan-can-muc",
    "hoan-thieu-ngay",
}
WARNINGS = {
    "o-qua-dai",
    "ho-ten-la",
    "ho-ten-bang-ma",
    "cccd-mat-so-0",
    "cccd-ma-noi-sinh",
    "cccd-gioi-tinh",
    "cccd-trung-don-vi-khac",
    "ho-ten-ngay-sinh-trung",
    "dien-thoai-sai",
    "ngay-cap-truoc-chip",
    "the-het-han",
    "kich-hoat-truoc-the",
    "hoan-het-han",
    "hoan-qua-dai",
    "mien-hoan-nhung-da-xong",
}

APPROVED: dict[str, Cell] = {STAGE: "Đã duyệt, chưa kích hoạt", ACTIVATED: None}
"""Not there yet, so that a reason for exemption contradicts nothing."""
ABROAD: dict[str, Cell] = {**APPROVED, EXEMPTION: "Đang ở nước ngoài"}
NBSP, ZERO_WIDTH = "\u00a0", "\u200b"


class Fact(NamedTuple):
    """A row as typed and the exact rules that must find fault with it; `why` names what is at stake."""

    typed: Person
    codes: frozenset[str]
    why: str


def fact(cells: Person, *codes: str, why: str = "") -> Fact:
    """The sound person with these cells changed."""
    return Fact(changed(cells), frozenset(codes), why)


def lone(cells: Person, *codes: str, why: str = "") -> Fact:
    """A row with nothing but these cells."""
    return Fact(only(cells), frozenset(codes), why)


def born(day: date, **more: Cell) -> dict[str, Cell]:
    """A man's birth date and a number that goes with it."""
    century = {19: "0", 20: "2"}[day.year // 100]
    return {BORN: day.strftime("%d/%m/%Y"), NUMBER: f"079{century}{day.year % 100:02}000123", **more}


NAMES = [
    fact({}, why="a sound row has no finding at all"),
    fact({NAME: nfd("Nguyễn Thị Hòa")}),
    fact({NAME: "CÔNG TẰNG TÔN NỮ THỊ NGỌC ÁNH"}),
    fact({NAME: "Y Moan"}),
    fact({NAME: f"Lê{NBSP}Bình"}, why="a no-break space separates words too"),
    fact({NAME: None}, "ho-ten-trong"),
    fact({NAME: ""}, "ho-ten-trong"),
    fact({NAME: f" {NBSP}{ZERO_WIDTH}"}, "ho-ten-trong", why="blank is what is empty after trimming"),
    fact({NAME: "#REF!"}, "ho-ten-trong", why="a name that a formula lost is nobody's"),
    fact({NAME: UNCALCULATED}, "ho-ten-trong", why="nor does a formula without a result name anybody"),
    fact({NAME: "-"}, "ho-ten-trong", why="a dash is nothing"),
    *(fact({NAME: name}, "ho-ten-bang-ma") for name in LEGACY),
    fact({NAME: "Phïng V¨n Hång"}, "ho-ten-bang-ma"),
    fact({NAME: "Traàn Thò Bích Haïnh"}, "ho-ten-bang-ma"),
    fact({NAME: "Nguyá»…n VÄƒn TrÃ\xad"}, "ho-ten-bang-ma", why="a soft hyphen is half of its last letter"),
    fact({NAME: "TrÆ°Æ¡ng Thu HÃ\xa0"}, "ho-ten-bang-ma", why="a space is half of its last letter"),
    fact({NAME: "Tr\xad¬ng Thu Hoµi"}, "ho-ten-bang-ma", why="TCVN3 writes ư as a soft hyphen"),
    fact({NAME: "Lê\xa0Hoà\xad"}, why="what cannot be seen and is no letter"),
    fact({NAME: "Lê\xa0Thị\u200b Hoà\xad Bình"}, why="what cannot be seen and is no letter"),
    fact({NAME: "José Müller"}, why="a foreign name is none of ours gone wrong"),
    fact({NAME: "Hoàng Thị Đoài"}),
    fact({NAME: "H'Hen Niê"}),
    lone({PHONE: "0900000123"}, "ho-ten-trong"),
    lone({DEPARTMENT: "Khoa Nội"}, "ho-ten-trong"),
    lone({DIFFICULTY: "Khác"}, "ho-ten-trong"),
    lone({PARTY: "x"}, "ho-ten-trong"),
    lone({UNTIL: "01/06/2023"}, "ho-ten-trong"),
    lone({BORN: "15/03/1985"}, "ho-ten-trong"),
    lone({NAME: "Trần Văn Bình"}, "ngay-sinh-trong", "doi-tuong-trong"),
    fact({NAME: "An"}, "ho-ten-la"),
    fact({NAME: "Nguyễn Văn An 2"}, "ho-ten-la"),
    fact({NAME: "Nguyễn Văn An2"}, "ho-ten-la"),
    fact({NAME: 12345}, "ho-ten-la"),
    fact({NAME: f"{ZERO_WIDTH}An{NBSP}"}, "ho-ten-la", why="spaces around it make no second word"),
]

BIRTH_DATES = [
    fact({BORN: None}, "ngay-sinh-trong"),
    fact({BORN: NBSP}, "ngay-sinh-trong"),
    lone({NAME: None, BORN: None, CATEGORY: "Viên chức"}, "ho-ten-trong", why="nobody there to be born"),
    fact({BORN: "15/3/1985"}),
    fact({BORN: "15-03-85"}),
    fact({BORN: "15.03.1985"}),
    fact({BORN: f"15/03/1985{ZERO_WIDTH}"}),
    fact({BORN: datetime(1985, 3, 15)}),
    fact({BORN: date(1985, 3, 15)}),
    fact({BORN: 31121}, why="a serial number"),
    fact({BORN: "1985-03-15"}),
    fact({BORN: "31/02/1985"}, "ngay-sinh-sai"),
    fact({BORN: "29/02/1985"}, "ngay-sinh-sai", why="no leap year"),
    fact({BORN: "03/15/1985"}, "ngay-sinh-sai", why="day and month are never exchanged"),
    fact({BORN: "1985"}, "ngay-sinh-sai"),
    fact({BORN: 1985}, "ngay-sinh-sai"),
    fact({BORN: "không rõ"}, "ngay-sinh-sai"),
    fact({BORN: "#REF!"}, "ngay-sinh-sai"),
    fact({BORN: True}, "ngay-sinh-sai"),
    fact(born(date(2008, 4, 20)), why="15 today"),
    fact(born(date(2008, 4, 21)), "ngay-sinh-sai", why="15 tomorrow"),
    fact(born(date(1943, 4, 20)), why="80 today"),
    fact(born(date(1942, 4, 21)), why="81 tomorrow"),
    fact(born(date(1942, 4, 20)), "ngay-sinh-sai", why="81 today"),
    fact(born(date(2023, 4, 20), **{ISSUED: None}), "ngay-sinh-sai"),
    fact(born(date(2023, 4, 21), **{ISSUED: None}), "ngay-sinh-sai", why="in the future"),
    fact(born(date(2000, 2, 29)), why="a leap year"),
]

LISTS = [
    fact({GENDER: None}),
    fact({GENDER: "NAM"}),
    fact({GENDER: f" nam{NBSP}"}),
    fact({GENDER: "Khác"}, "gioi-tinh-danh-muc"),
    fact({GENDER: "#N/A"}, "gioi-tinh-danh-muc"),
    fact({CATEGORY: None}, "doi-tuong-trong"),
    fact({CATEGORY: ZERO_WIDTH}, "doi-tuong-trong"),
    fact({CATEGORY: nfd("viên chức")}),
    fact({CATEGORY: "NGƯỜI  LAO  ĐỘNG"}),
    fact({CATEGORY: "Bác sĩ"}, "doi-tuong-danh-muc"),
    fact({CATEGORY: "#REF!"}, "doi-tuong-danh-muc"),
    fact({PARTY: None}),
    *(fact({PARTY: yes}) for yes in ("x", "X", "có", nfd("CÓ"), "TRUE", "true", True, 1, 1.0, "1", "✓")),
    *(fact({PARTY: no}) for no in ("Không", "KHÔNG", nfd("không"), "FALSE", False, 0, "-")),
    fact({PARTY: "có thể"}, "dang-vien-danh-muc"),
    fact({PARTY: 2}, "dang-vien-danh-muc"),
    *(fact({CARD: yes}) for yes in ("x", "X", "có", "TRUE", True, nfd("đã có"), f"Đã{NBSP}có")),
    fact({CARD: "Đã làm , chờ cấp"}),
    fact({CARD: "vừa mới làm"}, "the-danh-muc"),
    fact({CARD: "#REF!"}, "the-danh-muc"),
    fact({CARD: datetime(2023, 4, 1)}, "the-danh-muc"),
    fact({LEVEL: "MỨC 1"}),
    fact({LEVEL: 1}),
    fact({LEVEL: "2"}),
    fact({LEVEL: 2.0}),
    fact({LEVEL: "Mức 3"}, "muc-danh-muc"),
    fact({LEVEL: "#VALUE!"}, "muc-danh-muc"),
    fact({STAGE: nfd("đã kích hoạt và ĐĂNG NHẬP")}),
    fact({STAGE: "gần xong"}, "tinh-trang-danh-muc"),
    fact({STAGE: "#REF!"}, "tinh-trang-danh-muc"),
    fact({EXEMPTION: "bận việc"}, "mien-hoan-danh-muc"),
    fact({EXEMPTION: "#REF!"}, "mien-hoan-danh-muc"),
    fact({DIFFICULTY: "nhờ anh Hải đổi giúp"}, why="free text is allowed"),
    fact({DIFFICULTY: "SIM không chính chủ"}),
]

NUMBERS = [
    fact({NUMBER: None}, "cccd-trong"),
    fact({NUMBER: f"{NBSP} "}, "cccd-trong"),
    fact({NUMBER: None, CARD: "x"}, "cccd-trong", why="another spelling of Đã có"),
    fact({NUMBER: None, CARD: "Đã làm, chờ cấp"}),
    fact({NUMBER: None, CARD: "Mất, hỏng, cần đổi"}),
    fact({NUMBER: None, CARD: "Chưa làm"}),
    fact({NUMBER: None, CARD: None}),
    *(
        fact({NUMBER: typed})
        for typed in (
            "079 085 000 123",
            "079.085.000.123",
            "079-085-000-123",
            "'079085000123",
            f"079085000123{ZERO_WIDTH}",
            f"079085{NBSP}000123",
            "０７９０８５０００１２３",
        )
    ),
    fact({NUMBER: 79085000123}, "cccd-mat-so-0"),
    fact({NUMBER: 79085000123.0}, "cccd-mat-so-0"),
    fact({NUMBER: "79085000123"}, "cccd-mat-so-0"),
    fact({NUMBER: "79085000123.0"}, "cccd-mat-so-0", why="dropping the dot would make 12 digits of it"),
    fact({NUMBER: "79.085.000.123"}, "cccd-mat-so-0"),
    fact({NUMBER: 1085000123}, "cccd-mat-so-0", why="001 is a place: two zeros lost"),
    fact({NUMBER: "8085000123"}, "cccd-mat-so-0", why="008 is a place"),
    fact({NUMBER: 79086000123}, "cccd-mat-so-0", "cccd-nam-sinh"),
    fact({NUMBER: 79185000123}, "cccd-mat-so-0", "cccd-gioi-tinh"),
    fact({NUMBER: 3085000123}, "cccd-12-so", why="003 is no place"),
    fact({NUMBER: 99085000123}, "cccd-12-so", why="099 is no place"),
    fact({NUMBER: "0900000123"}, "cccd-12-so", why="10 digits with a zero in front: a phone number"),
    fact({NUMBER: "07908500012"}, "cccd-12-so", why="007 is no place"),
    fact({NUMBER: "0790850001234"}, "cccd-12-so"),
    fact({NUMBER: 23456789}, "cccd-12-so", why="8 digits"),
    fact({NUMBER: "7.9085E+10"}, "cccd-12-so"),
    fact({NUMBER: "07908500O123"}, "cccd-12-so", why="the letter O"),
    fact({NUMBER: "079/085/000/123"}, "cccd-12-so"),
    fact({NUMBER: "chưa có"}, "cccd-12-so"),
    fact({NUMBER: "#REF!"}, "cccd-12-so"),
    fact({NUMBER: True}, "cccd-12-so"),
    fact({NUMBER: datetime(1985, 3, 15)}, "cccd-12-so"),
    fact({NUMBER: 0}, "cccd-12-so"),
    fact({NUMBER: "0234567", CARD: None}, "cccd-12-so", why="whatever the card"),
    fact({NUMBER: "023456789"}, "cmnd-9-so"),
    fact({NUMBER: 234567890}, "cmnd-9-so"),
    fact({NUMBER: "023 456 789"}, "cmnd-9-so"),
    fact({NUMBER: "003085000123"}, "cccd-ma-noi-sinh"),
    fact({NUMBER: "999085000123"}, "cccd-ma-noi-sinh"),
    fact({NUMBER: "000085000123"}, "cccd-ma-noi-sinh"),
    fact({NUMBER: 790850001234}, "cccd-ma-noi-sinh", "cccd-nam-sinh", why="a number cell may hold 12 digits"),
    fact({NUMBER: "079185000123"}, "cccd-gioi-tinh"),
    fact({NUMBER: "079185000123", GENDER: "Nữ"}),
    fact({NUMBER: "079085000123", GENDER: "nữ"}, "cccd-gioi-tinh"),
    fact({NUMBER: "079185000123", GENDER: None}, why="no gender to disagree with"),
    fact({NUMBER: "079185000123", GENDER: "Khác"}, "gioi-tinh-danh-muc"),
    fact({NUMBER: "079086000123"}, "cccd-nam-sinh"),
    fact({NUMBER: "079285000123"}, "cccd-nam-sinh", why="2085"),
    fact({NUMBER: "079485000123"}, "cccd-nam-sinh", why="2185"),
    fact({NUMBER: "079186000123"}, "cccd-gioi-tinh", "cccd-nam-sinh"),
    fact({NUMBER: "079086000123", BORN: None}, "ngay-sinh-trong", why="no year to disagree with"),
    fact({NUMBER: "079086000123", BORN: "31/02/1985"}, "ngay-sinh-sai"),
    fact({BORN: "15/03/2001", NUMBER: "079201000123"}),
    fact({BORN: "15/03/2001", NUMBER: "079301000123", GENDER: "Nữ"}),
    fact({BORN: "15/03/2001", NUMBER: "079001000123"}, "cccd-nam-sinh", why="1901"),
    fact({BORN: "31/12/1999", NUMBER: "079099000123"}),
    fact({BORN: "01/01/2000", NUMBER: "079200000123"}),
    fact({BORN: "01/01/2000", NUMBER: "079099000123"}, "cccd-nam-sinh"),
]

PHONES = [
    *(
        fact({PHONE: good})
        for good in (
            None,
            NBSP,
            "0900000123",
            900000123,
            900000123.0,
            "'0900000123",
            "0900.000.123",
            "0900 000 123",
            "0900-000-123",
            "+84 900 000 123",
            "84900000123",
            "0084900000123",
            f"0900000123{ZERO_WIDTH}",
            "028 3930 0000",
            "(028) 39300000",
            2839300000,
        )
    ),
    *(
        fact({PHONE: bad}, "dien-thoai-sai")
        for bad in (
            "090000012",
            "09000001234",
            "12345",
            "0000000000",
            "01620000123",
            "0900000123 / 0900000124",
            "không có",
            "+1 202 555 0123",
            "#REF!",
            True,
            datetime(2023, 4, 20),
        )
    ),
]

IN_TIME: dict[str, Cell] = {ISSUED: "01/02/2021"}
"""More than two years before the check date, on a card with a chip."""

CARD_DATES = [
    fact({ISSUED: None}),
    fact({ISSUED: "20/04/2023"}, why="today"),
    fact({ISSUED: "21/04/2023"}, "ngay-cap-sai", why="tomorrow"),
    fact({ISSUED: "31/02/2022"}, "ngay-cap-sai"),
    fact({ISSUED: "2022"}, "ngay-cap-sai"),
    fact({ISSUED: "#REF!"}, "ngay-cap-sai"),
    fact({ISSUED: "31/02/2022", CARD: None}, "ngay-cap-sai", why="whatever the card"),
    fact({ISSUED: "14/03/1985", CARD: None}, "ngay-cap-sai", why="the day before the birth"),
    fact({ISSUED: "15/03/1985", CARD: None}, "the-het-han"),
    fact({ISSUED: "14/03/1985", BORN: "31/02/1985", CARD: None}, "ngay-sinh-sai", why="no birth date to precede"),
    fact({ISSUED: "31/12/2020"}, "ngay-cap-truoc-chip"),
    fact({ISSUED: "01/01/2021"}),
    fact({ISSUED: datetime(2020, 12, 31), CARD: "x"}, "ngay-cap-truoc-chip"),
    *(fact({ISSUED: "31/12/2020", CARD: card}) for card in ("Đã làm, chờ cấp", "Chưa làm", "Mất, hỏng, cần đổi", None)),
    fact(born(date(1998, 4, 19), **IN_TIME), "the-het-han", why="25 yesterday"),
    fact(born(date(1998, 4, 20), **IN_TIME), why="25 today: the last day"),
    fact(born(date(1998, 4, 19), **{**IN_TIME, BORN: "31/02/1998"}), "ngay-sinh-sai"),
    fact(born(date(1998, 4, 19), **{ISSUED: None}), why="no card date to count from"),
    fact(born(date(1983, 4, 19), **IN_TIME), "the-het-han", why="40 yesterday"),
    fact(born(date(1963, 4, 19), **IN_TIME), "the-het-han", why="60 yesterday"),
    fact(born(date(1963, 4, 19), **{ISSUED: "19/04/2021"}), why="issued two years before 60: no end"),
    fact(born(date(1963, 4, 19), **{ISSUED: "18/04/2021"}), "the-het-han", why="a day more than two years"),
    fact(born(date(1985, 3, 15), **{ISSUED: "31/12/2009"}), "ngay-cap-truoc-chip"),
    fact(born(date(1985, 3, 15), **{ISSUED: "31/12/2007"}), "ngay-cap-truoc-chip", "the-het-han"),
]

ACTIVATIONS = [
    fact({ACTIVATED: None}),
    fact({ACTIVATED: "17/07/2022"}, "ngay-kich-hoat-sai", why="the app did not exist"),
    fact({ACTIVATED: "18/07/2022"}),
    fact({ACTIVATED: "20/04/2023"}, why="today"),
    fact({ACTIVATED: "21/04/2023"}, "ngay-kich-hoat-sai"),
    fact({ACTIVATED: "30/02/2023"}, "ngay-kich-hoat-sai"),
    fact({ACTIVATED: "#REF!"}, "ngay-kich-hoat-sai"),
    fact({ACTIVATED: "hôm qua", STAGE: None}, "ngay-kich-hoat-sai"),
    fact({LEVEL: "Mức 2"}),
    fact({LEVEL: "Mức 2", ISSUED: "01/03/2023", ACTIVATED: "28/02/2023"}, "kich-hoat-truoc-the"),
    fact({LEVEL: 2, ISSUED: "01/03/2023", ACTIVATED: "28/02/2023"}, "kich-hoat-truoc-the"),
    fact({LEVEL: "Mức 2", ISSUED: "01/03/2023", ACTIVATED: "01/03/2023"}),
    fact({LEVEL: "Mức 1", ISSUED: "01/03/2023", ACTIVATED: "28/02/2023"}),
    fact({LEVEL: "Mức 2", ISSUED: None, ACTIVATED: "28/02/2023"}),
    fact({LEVEL: "Mức 2", ISSUED: "01/03/2023", ACTIVATED: "17/07/2022"}, "ngay-kich-hoat-sai"),
    fact({LEVEL: "Mức 2", CARD: None}, "muc-2-can-the"),
    fact({LEVEL: "Mức 2", CARD: NBSP}, "muc-2-can-the"),
    fact({LEVEL: "Mức 2", CARD: "Chưa làm"}, "muc-2-can-the"),
    fact({LEVEL: "Mức 2", CARD: False}, "muc-2-can-the", why="an unticked box for Chưa làm"),
    fact({LEVEL: "Mức 2", CARD: "Đã làm, chờ cấp"}),
    fact({LEVEL: "Mức 2", CARD: "Mất, hỏng, cần đổi"}),
    fact({LEVEL: "Mức 2", CARD: "vừa mới làm"}, "the-danh-muc"),
    fact({LEVEL: "Mức 1", CARD: None}),
    fact({LEVEL: "Mức 1", CARD: "Chưa làm"}),
    fact({LEVEL: None, CARD: None, STAGE: None}),
    *(
        fact({LEVEL: None, STAGE: stage}, "tai-khoan-can-muc")
        for stage in (
            "Đã đăng ký, chờ duyệt",
            "Không được duyệt",
            "Đã duyệt, chưa kích hoạt",
            "Đã kích hoạt, chưa đăng nhập",
            "Đã kích hoạt và đăng nhập",
            "đã đăng nhập",
        )
    ),
    fact({LEVEL: None, STAGE: "Chưa đăng ký"}),
    fact({LEVEL: None, STAGE: "chưa"}),
    fact({LEVEL: None, STAGE: NBSP}),
    fact({LEVEL: None, STAGE: "gần xong"}, "tai-khoan-can-muc", "tinh-trang-danh-muc"),
]

DONE_REASONS = ("Đã nghỉ việc, chuyển công tác", "Đã nghỉ hưu", "Biệt phái đến", "Người nước ngoài")
DEFERRING_REASONS = ("Đang ở nước ngoài", "Nghỉ dài ngày theo chế độ")
COUNTED_REASONS = ("Đi học dài hạn trong nước", "Chờ cấp lại, đính chính giấy tờ")

DEFERRALS = [
    fact({**ABROAD, UNTIL: None}, "hoan-thieu-ngay"),
    fact({**ABROAD, UNTIL: NBSP}, "hoan-thieu-ngay"),
    fact({**ABROAD, UNTIL: "31/06/2023"}, "hoan-thieu-ngay"),
    fact({**ABROAD, UNTIL: "hết năm"}, "hoan-thieu-ngay"),
    fact({**ABROAD, UNTIL: "#REF!"}, "hoan-thieu-ngay"),
    fact({**ABROAD, UNTIL: "20/04/2023"}, why="the last day"),
    fact({**ABROAD, UNTIL: "19/04/2023"}, "hoan-het-han"),
    fact({**ABROAD, UNTIL: NOW.date() + timedelta(days=180)}),
    fact({**ABROAD, UNTIL: NOW.date() + timedelta(days=181)}, "hoan-qua-dai"),
    fact({**ABROAD, EXEMPTION: nfd("ĐANG Ở NƯỚC NGOÀI"), UNTIL: "17/10/2023"}),
    fact({**ABROAD, EXEMPTION: "Nghỉ dài ngày theo chế độ", UNTIL: None}, "hoan-thieu-ngay"),
    *(fact({**APPROVED, EXEMPTION: reason}) for reason in (*COUNTED_REASONS, *DONE_REASONS)),
    *(fact({EXEMPTION: reason}) for reason in COUNTED_REASONS),
    *(fact({EXEMPTION: reason}, "mien-hoan-nhung-da-xong") for reason in DONE_REASONS),
    *(fact({EXEMPTION: reason, UNTIL: "01/06/2023"}, "mien-hoan-nhung-da-xong") for reason in DEFERRING_REASONS),
    fact({EXEMPTION: "Đang ở nước ngoài"}, "hoan-thieu-ngay", "mien-hoan-nhung-da-xong"),
    fact({EXEMPTION: "Đã nghỉ hưu", CARD: "Đã làm, chờ cấp", LEVEL: "Mức 2"}, "mien-hoan-nhung-da-xong"),
    fact({EXEMPTION: "Đã nghỉ hưu", CARD: "Chưa làm"}),
    fact({EXEMPTION: "Đã nghỉ hưu", LEVEL: None}, "tai-khoan-can-muc", why="no level: not done"),
    fact({EXEMPTION: "bận việc", UNTIL: "01/06/2023"}, "mien-hoan-danh-muc"),
]

MARKED = "Nguyễn Văn A" + "\u0301" * 16_000 + "\u0323" * 15_990
LONG = [
    fact({DEPARTMENT: "a" * 1_000}, why="as long as is looked at"),
    fact({DEPARTMENT: "a" * 1_001}, "o-qua-dai"),
    fact({DEPARTMENT: "\ufdfa" * 32_000}, "o-qua-dai", why="18 letters each, once they are normal"),
    fact({NAME: MARKED}, "o-qua-dai", why="sorting so many marks takes the square of their number"),
    fact({NAME: MARKED, DEPARTMENT: "a" * 1_001}, "o-qua-dai", why="once for each cell"),
    fact({NUMBER: "079085000123" + " " * 1_000}, "o-qua-dai", why="the first 1,000 characters are the number"),
    fact({NUMBER: "1e999"}, "cccd-12-so", why="a number that is not finite is text"),
    fact({DEPARTMENT: "1e999"}),
]

ONE_SLIP = [
    fact({BORN: "15/03/2045"}, "ngay-sinh-sai", why="a birth in the future is no year for the number"),
    fact({BORN: "15/03/2045", ISSUED: "01/02/2023"}, "ngay-sinh-sai", why="nor a limit for the card"),
    fact({BORN: "15/03/1935", NUMBER: "079035000123", ISSUED: "01/02/1990", CARD: None}, "ngay-sinh-sai"),
    fact({ISSUED: "21/04/2023", LEVEL: "Mức 2", ACTIVATED: "01/03/2023"}, "ngay-cap-sai", why="no card to precede"),
    fact({ISSUED: "01/02/1980", BORN: "15/03/2045", CARD: None}, "ngay-sinh-sai", why="its own limit is refused"),
    *(fact({EXEMPTION: none}) for none in ("Không", "-", "0", 0, 0.0, "không có", "ko", "–")),
    *(fact({EXEMPTION: ticked}, "mien-hoan-danh-muc") for ticked in ("x", "X", "✓", "có", True)),
]
"""A date that is refused takes no part in other rules; what people type for "none" is no reason for exemption."""

ALL_FACTS = [
    *(NAMES + BIRTH_DATES + LISTS + NUMBERS + PHONES + LONG + ONE_SLIP),
    *(CARD_DATES + ACTIVATIONS + DEFERRALS),
    Fact({header: nfd(cell) if isinstance(cell, str) else cell for header, cell in SOUND.items()}, frozenset(), "NFD"),
    Fact({header: f"{NBSP}{cell}{ZERO_WIDTH}" for header, cell in SOUND.items()}, frozenset(), "hidden spaces"),
    lone({NAME: "#REF!", BORN: "#REF!", CATEGORY: "#REF!"}, "ho-ten-trong", "ngay-sinh-sai", "doi-tuong-danh-muc"),
]


@cache
def found() -> list[frozenset[str]]:
    return codes_alone([each.typed for each in ALL_FACTS])


def _named(each: Fact) -> str:
    typed = [f"{header}={cell!r}" for header, cell in each.typed.items() if cell != SOUND.get(header)]
    return ascii(each.why or "; ".join(typed) or "sound")[1:70]


@pytest.mark.parametrize("index", range(len(ALL_FACTS)), ids=[_named(each) for each in ALL_FACTS])
def test_exactly_these_rules_find_fault(index: int) -> None:
    assert found()[index] == ALL_FACTS[index].codes, ALL_FACTS[index].typed


def test_the_facts_know_every_rule_of_the_contract_but_the_ones_about_two_rows() -> None:
    about_two_rows = {"cccd-trung-trong-don-vi", "cccd-trung-don-vi-khac", "ho-ten-ngay-sinh-trung"}
    assert frozenset().union(*(each.codes for each in ALL_FACTS)) == (ERRORS | WARNINGS) - about_two_rows


@pytest.mark.parametrize(
    ("header", "typed", "said", "public"),
    [
        (BORN, "29/02/1990", "hợp lệ: tháng 2/1990 không có ngày 29 →", "hợp lệ: tháng này không có ngày đó →"),
        (BORN, "31/11/85", "hợp lệ: tháng 11/1985 không có ngày 31 →", "hợp lệ: tháng này không có ngày đó →"),
        (BORN, "1985", "hợp lệ: chưa có ngày, tháng →", "hợp lệ: chưa có ngày, tháng →"),
        (BORN, 1985.0, "hợp lệ: chưa có ngày, tháng →", "hợp lệ: chưa có ngày, tháng →"),
        (
            BORN,
            datetime(1905, 6, 7),
            "ô kiểu ngày chỉ có số 1985, chưa có",
            "hợp lệ: chỉ có năm, chưa có ngày, tháng →",
        ),
        (BORN, "07/06/1905", "hợp lệ: quá 80 tuổi →", "hợp lệ: quá 80 tuổi →"),
        (BORN, "03/1985", "hợp lệ: chưa có ngày →", "hợp lệ: chưa có ngày →"),
        (BORN, "15/03", "hợp lệ: chưa có năm →", "hợp lệ: chưa có năm →"),
        (BORN, "3/15/1985", "(có phải: 15/03/1985)", "hợp lệ: không có tháng này →"),
        (BORN, "3/15/1985", "hợp lệ: không có tháng 15 →", "hợp lệ: không có tháng này →"),
        (BORN, "15/03/2045", "hợp lệ: sau hôm nay →", "hợp lệ: sau hôm nay →"),
        (BORN, "15/03/2015", "hợp lệ: chưa đủ 15 tuổi →", "hợp lệ: chưa đủ 15 tuổi →"),
        (BORN, "15/03/1935", "hợp lệ: quá 80 tuổi →", "hợp lệ: quá 80 tuổi →"),
        (BORN, "hôm qua", "“hôm qua” không phải ngày sinh hợp lệ →", "“…” không phải ngày sinh hợp lệ →"),
        (ISSUED, "01/02/1980", "hợp lệ: trước Ngày sinh →", "hợp lệ: trước Ngày sinh →"),
        (ISSUED, "21/04/2023", "hợp lệ: sau hôm nay →", "hợp lệ: sau hôm nay →"),
        (ACTIVATED, "17/07/2022", ": trước 18/07/2022 →", ": trước 18/07/2022 →"),
    ],
)
def test_a_refused_date_says_which_fault_it_has(header: str, typed: Cell, said: str, public: str) -> None:
    findings = judge_units({"a": [changed({header: typed, CARD: None, NUMBER: None})]}).findings
    ((told, told_in_mails),) = findings.loc[findings["header"] == header, ["message", "public_message"]].to_numpy()
    assert said in told
    assert public in told_in_mails
    assert not re.search("1990|1985", told_in_mails.replace("ví dụ 15/03/1985", ""))


@pytest.mark.parametrize(
    ("header", "typed", "hint"),
    [
        (BORN, "3/15/1985", "(có phải: 15/03/1985)"),
        (BORN, "3/15/2045", ""),  # that day is refused too
        (BORN, "05/05/1930", ""),  # a day as it stands
        (ACTIVATED, "05/06/2020", ""),
        (ACTIVATED, "9/30/2022", "(có phải: 30/09/2022)"),
        (ACTIVATED, "1/30/2020", ""),
    ],
)
def test_no_date_is_proposed_that_would_be_refused(header: str, typed: str, hint: str) -> None:
    findings = judge_units({"a": [changed({header: typed, CARD: None, NUMBER: None})]}).findings
    (told,) = findings.loc[findings["header"] == header, "message"]
    assert re.findall(r"\(có phải: [^)]*\)", told) == ([hint] if hint else [])


def test_a_formula_without_a_result_is_called_that() -> None:
    findings = judge_units({"a": [changed({BORN: UNCALCULATED})]}).findings
    (told,) = findings.loc[findings["header"] == BORN, "message"]
    assert "“công thức chưa có kết quả” không phải ngày sinh" in told


def test_an_error_of_an_admins_rule_refuses_a_date_and_a_warning_or_a_trial_does_not() -> None:
    person = changed({BORN: "15/03/1999", NUMBER: "079085000123"})  # the year disagrees with the number
    about = (BORN, "không sau", "01/01/1990", None, "sinh sau năm 1989 → kiểm tra lại")
    for mode, severity, codes in (
        ("Bật", "Lỗi", {"khong-qua-tre"}),
        ("Bật", "Cảnh báo", {"khong-qua-tre", "cccd-nam-sinh"}),
        ("Thử", "Lỗi", {"cccd-nam-sinh"}),
        ("Tắt", "Lỗi", {"cccd-nam-sinh"}),
    ):
        rules = [*default_tables()[tabs.RULES], ("khong-qua-tre", mode, severity, *about)]
        config = config_with([unit_line("a")], **{tabs.RULES: rules})
        assert codes_of(judge_units({"a": [person]}, NOW, config), "a", 4) == codes


def test_every_cell_that_is_too_long_is_named_under_its_field() -> None:
    judged = judge_units({"a": [changed({DEPARTMENT: "b" * 2_000, PHONE: "0" * 2_000, NAME: "An Bình " * 500})]})
    found = judged.findings[judged.findings["rule"] == "o-qua-dai"]
    assert sorted(found["header"]) == sorted([DEPARTMENT, PHONE, NAME])
    assert all(len(message) < 300 for message in judged.findings["message"])


def test_shipped_rules_are_those_of_the_contract() -> None:
    rows = default_tables()[tabs.RULES][1:]
    assert {(row[0], row[1], row[2]) for row in rows} == {
        *((code, "Bật", "Lỗi") for code in ERRORS),
        *((code, "Bật", "Cảnh báo") for code in WARNINGS),
    }


@pytest.mark.parametrize(
    ("birth", "today", "allowed"),
    [
        (date(2008, 2, 29), date(2023, 2, 28), False),  # a leapling is 15 on 01/03 of a common year
        (date(2008, 2, 29), date(2023, 3, 1), True),
        (date(2008, 2, 29), date(2024, 2, 29), True),
        (date(2009, 2, 28), date(2024, 2, 28), True),
        (date(2009, 3, 1), date(2024, 2, 29), False),
        (date(1944, 2, 29), date(2025, 2, 28), True),  # 81 on 01/03/2025
        (date(1944, 2, 29), date(2025, 3, 1), False),
        (date(1943, 3, 1), date(2024, 2, 29), True),  # 81 tomorrow
        (date(1943, 2, 28), date(2024, 2, 29), False),
    ],
)
def test_ages_around_the_29th_of_february(birth: date, today: date, allowed: bool) -> None:
    row = changed(born(birth, **{ISSUED: None, ACTIVATED: None}))
    now = datetime(today.year, today.month, today.day, 8, tzinfo=NOW.tzinfo)
    assert codes_alone([row], now) == [frozenset() if allowed else frozenset({"ngay-sinh-sai"})]


@pytest.mark.parametrize(
    ("birth", "issued", "last_day"),
    [
        (date(1985, 3, 15), date(2021, 5, 10), date(2025, 3, 15)),
        (date(1985, 3, 15), date(2023, 3, 14), date(2025, 3, 15)),
        (date(1985, 3, 15), date(2023, 3, 15), date(2045, 3, 15)),
        (date(1998, 7, 1), date(2021, 6, 30), date(2023, 7, 1)),
        (date(1998, 7, 1), date(2021, 7, 1), date(2038, 7, 1)),
        (date(1964, 1, 1), date(2021, 12, 31), date(2024, 1, 1)),
        (date(1964, 1, 1), date(2022, 1, 1), None),
        (date(1984, 2, 29), date(2022, 2, 28), date(2024, 2, 29)),  # born 29/02: two years before 40 is 01/03/2022
        (date(1984, 2, 29), date(2022, 3, 1), date(2044, 2, 29)),
        (date(2000, 2, 29), date(2021, 5, 10), date(2025, 3, 1)),  # 25 on 01/03 of a common year
        (date(1985, 3, 15), date(2025, 3, 15), date(2045, 3, 15)),  # renewed on the birthday itself
        (date(1950, 6, 1), date(2021, 6, 1), None),  # older than 60 when it was issued
    ],
)
def test_cards_expire_by_age(birth: date, issued: date, last_day: date | None) -> None:
    row = changed(born(birth, **{ISSUED: issued.strftime("%d/%m/%Y"), ACTIVATED: None}))
    checked = last_day or birth.replace(year=birth.year + 80)
    on_that_day = datetime(checked.year, checked.month, checked.day, 8, tzinfo=NOW.tzinfo)
    assert codes_alone([row], on_that_day) == [frozenset()]
    expired = frozenset({"the-het-han"}) if last_day else frozenset()
    assert codes_alone([row], on_that_day + timedelta(days=1)) == [expired]


# --- two rows ---------------------------------------------------------------------------------------------

SAME_UNIT, OTHER_UNIT, NAMESAKE = "cccd-trung-trong-don-vi", "cccd-trung-don-vi-khac", "ho-ten-ngay-sinh-trung"
MINH, LAN = {NAME: "Trần Minh"}, {NAME: "Lê Lan"}
RETIRED: dict[str, Cell] = {**APPROVED, EXEMPTION: "Đã nghỉ hưu"}


def two(first: Iterable[str], second: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(first), frozenset(second)


@pytest.mark.parametrize(
    ("first", "second", "in_one_unit", "in_two_units"),
    [
        (MINH, LAN, two([SAME_UNIT], [SAME_UNIT]), two([OTHER_UNIT], [OTHER_UNIT])),
        # normalised: as typed they differ
        ({**MINH, NUMBER: "079 085 000 123"}, LAN, two([SAME_UNIT], [SAME_UNIT]), two([OTHER_UNIT], [OTHER_UNIT])),
        (
            {**MINH, NUMBER: 79085000123},
            LAN,
            two([SAME_UNIT, "cccd-mat-so-0"], [SAME_UNIT]),
            two([OTHER_UNIT, "cccd-mat-so-0"], [OTHER_UNIT]),
        ),
        ({**MINH, NUMBER: "079085000124"}, LAN, two([], []), two([], [])),
        ({**MINH, NUMBER: None, CARD: None}, {**LAN, NUMBER: None, CARD: None}, two([], []), two([], [])),
        # what is no number has nothing to share
        (
            {**MINH, NUMBER: "chưa có"},
            {**LAN, NUMBER: "chưa có"},
            two(["cccd-12-so"], ["cccd-12-so"]),
            two(["cccd-12-so"], ["cccd-12-so"]),
        ),
        # out of scope: neither blamed nor a reason to blame
        ({**MINH, **RETIRED}, LAN, two([], []), two([], [])),
        ({**MINH, **RETIRED}, {**LAN, **RETIRED}, two([], []), two([], [])),
        # deferred people are in scope
        (
            {**MINH, **ABROAD, UNTIL: "01/06/2023"},
            LAN,
            two([SAME_UNIT], [SAME_UNIT]),
            two([OTHER_UNIT], [OTHER_UNIT]),
        ),
        # the same person twice, with the same number: the numbers say so already
        ({}, {}, two([SAME_UNIT], [SAME_UNIT]), two([OTHER_UNIT], [OTHER_UNIT])),
        # same name and birth date, different number or none
        ({NUMBER: "079085000124"}, {}, two([NAMESAKE], [NAMESAKE]), two([], [])),
        ({NUMBER: None, CARD: None}, {}, two([NAMESAKE], [NAMESAKE]), two([], [])),
        ({NUMBER: None, CARD: None}, {NUMBER: None, CARD: None}, two([NAMESAKE], [NAMESAKE]), two([], [])),
        (
            {NAME: nfd("NGUYỄN  văn an"), BORN: datetime(1985, 3, 15), NUMBER: "079085000124"},
            {},
            two([NAMESAKE], [NAMESAKE]),
            two([], []),
        ),
        ({BORN: "16/03/1985", NUMBER: "079085000124"}, {}, two([], []), two([], [])),
        ({BORN: None, NUMBER: "079085000124"}, {}, two(["ngay-sinh-trong"], []), two(["ngay-sinh-trong"], [])),
        (
            {BORN: "31/02/1985", NUMBER: "079085000124"},
            {BORN: "31/02/1985"},
            two(["ngay-sinh-sai"], ["ngay-sinh-sai"]),
            two(["ngay-sinh-sai"], ["ngay-sinh-sai"]),
        ),
        ({**RETIRED, NUMBER: "079085000124"}, {}, two([], []), two([], [])),
        # tone marks tell people apart
        ({NAME: "Nguyễn Vân An", NUMBER: "079085000124"}, {}, two([], []), two([], [])),
    ],
)
def test_two_people(
    first: Person,
    second: Person,
    in_one_unit: tuple[frozenset[str], frozenset[str]],
    in_two_units: tuple[frozenset[str], frozenset[str]],
) -> None:
    one, other = changed(first), changed(second)
    together = judge_units({"a": [one, other]})
    assert (codes_of(together, "a", 4), codes_of(together, "a", 5)) == in_one_unit
    apart = judge_units({"a": [one], "b": [other]})
    assert (codes_of(apart, "a", 4), codes_of(apart, "b", 4)) == in_two_units
    assert bool(apart.cross_unit_duplicates) is (OTHER_UNIT in in_two_units[0])


def test_every_one_of_several_rows_is_named_with_the_others() -> None:
    judged = judge_units({"a": [changed(MINH), changed(LAN), changed({NAME: "Võ Hà"})], "b": [changed({})]})
    shared = judged.findings[judged.findings["rule"] == SAME_UNIT]
    assert list(shared["row"]) == [4, 5, 6]
    assert ["4, 5" in message for message in shared["message"]] == [False, False, True]
    assert judged.cross_unit_duplicates == (SharedNumber((("a", (4, 5, 6)), ("b", (4,)))),)
    elsewhere = judged.findings[judged.findings["rule"] == OTHER_UNIT]
    assert list(elsewhere["unit"]) == ["a", "a", "a", "b"]
    assert not any("Đơn vị a" in message or "Đơn vị b" in message for message in elsewhere["message"])


class Looked(list[int]):
    """Rows that know how often one of them was looked at."""

    times = 0

    def __iter__(self) -> Iterator[int]:
        for row in super().__iter__():
            self.times += 1
            yield row


def test_a_row_like_thousands_of_others_looks_at_a_few_of_them() -> None:
    rows = Looked(range(4, 9_004))
    ask = SimpleNamespace(
        rule=SimpleNamespace(check="không trùng"),
        parameters=Uniqueness(within_unit=True),
        alike=[7],
        rows_alike={7: rows},
        people=SimpleNamespace(frame={"row": [4]}),
    )
    assert suggestion(cast(CheckInput, ask), 0) == text("rules.rows", rows="5, 6, 7, 8, 9, ...")
    assert rows.times <= 10


def test_units_that_share_two_numbers_are_a_pair_for_each() -> None:
    people = [changed({}), changed({**LAN, NUMBER: "079085000124"})]
    shared = judge_units({"a": people, "b": people}).cross_unit_duplicates
    assert shared == (SharedNumber((("a", (4,)), ("b", (4,)))), SharedNumber((("a", (5,)), ("b", (5,)))))


def test_a_pair_and_a_third_number_are_namesakes_all() -> None:
    judged = judge_units({"a": [changed({}), changed({}), changed({NUMBER: "079085000124"})]})
    codes = [codes_of(judged, "a", row) for row in (4, 5, 6)]
    assert codes == [{SAME_UNIT, NAMESAKE}, {SAME_UNIT, NAMESAKE}, {NAMESAKE}]


# --- lists ------------------------------------------------------------------------------------------------

LIST_VALUES = {
    "the": (CARD, ["Đã có", "Đã làm, chờ cấp", "Chưa làm", "Mất, hỏng, cần đổi"]),
    "muc": (LEVEL, ["Mức 1", "Mức 2"]),
    "tinh-trang": (
        STAGE,
        [
            "Chưa đăng ký",
            "Đã đăng ký, chờ duyệt",
            "Không được duyệt",
            "Đã duyệt, chưa kích hoạt",
            "Đã kích hoạt, chưa đăng nhập",
            "Đã kích hoạt và đăng nhập",
        ],
    ),
    "doi-tuong": (CATEGORY, ["Công chức", "Viên chức", "Người lao động"]),
}


def in_other_writing(value: str) -> list[str]:
    """The value as other people, keyboards and programs write it."""
    return [
        value.upper(),
        value.lower(),
        nfd(value),
        f"  {value} ",
        value.replace(" ", NBSP),
        value.replace(" ", "  "),
        f"{ZERO_WIDTH}{value}\ufeff",
        value.replace(", ", ","),
        value.replace("Đ", "\u00d0"),
        f"{value}\n",
    ]


@pytest.mark.parametrize("code", LIST_VALUES)
def test_list_values_are_known_in_any_writing(code: str) -> None:
    header, values = LIST_VALUES[code]
    pairs = [(value, typed) for value in values for typed in in_other_writing(value)]
    judged = judge_units({"a": [only({NAME: "Lê Lan", header: typed}) for _, typed in pairs]})
    assert list(read_people(judged.tables, judged.config).choice(code)) == [value for value, _ in pairs]
    assert not judged.findings["rule"].str.endswith("-danh-muc").any()


def test_all_63_places_of_birth_are_known() -> None:
    config = config_with([unit_line("a")])
    codes = {value.value for value in config.lists[PLACE_LIST]}
    assert len(codes) == 63
    assert {"001", "079", "096"} < codes
    assert codes.isdisjoint({"000", "003", "005", "007", "009", "097", "100"})


# --- lists whose values mean something to the program ----------------------------------------------------


def lists_with(name: str, values: Mapping[str, str | None]) -> list[Row]:
    """The shipped lists with the values of one of them replaced, each with its word of `Tính`."""
    kept = [list(row) for row in default_tables()[tabs.LISTS] if row[0] != name]
    return [*kept, *([name, value, None, word] for value, word in values.items())]


@pytest.mark.parametrize(
    ("genders", "chosen", "number", "disagrees"),
    [
        # 4th digit 0: a man, 1: a woman, born in the last century
        ({"Nam": "nam", "Nữ": "nữ"}, "Nam", "079085000123", False),
        ({"Nam": "nam", "Nữ": "nữ"}, "Nữ", "079085000123", True),
        ({"Nữ": "nữ", "Nam": "nam"}, "Nam", "079085000123", False),
        ({"Nữ": "nữ", "Nam": "nam"}, "Nữ", "079085000123", True),
        ({"Male": "nam", "Female": "nữ"}, "Female", "079185000123", False),
        ({"Female": "Nữ", "Male": "NAM"}, "Male", "079185000123", True),
        ({"Đàn ông": "nam", "Phụ nữ": "nữ", "Khác": None}, "Đàn ông", "079185000123", True),
        ({"Khác": None, "Đàn ông": "nam", "Phụ nữ": "nữ"}, "Khác", "079185000123", False),  # nothing to disagree with
        ({"Nữ": "nữ"}, "Nữ", "079085000123", True),
    ],
)
def test_the_cell_tells_which_gender_a_value_is(
    genders: Mapping[str, str | None], chosen: str, number: str, disagrees: bool
) -> None:
    config = config_with([unit_line("a")], **{tabs.LISTS: lists_with("Giới tính", genders)})
    judged = judge_units({"a": [changed({GENDER: chosen, NUMBER: number})]}, config=config)
    assert codes_of(judged, "a", 4) == ({"cccd-gioi-tinh"} if disagrees else set())


@pytest.mark.parametrize(
    ("words", "typed", "is_member"),
    [
        ({"Có": "có", "Không": "không"}, "Có", True),
        ({"Không": "không", "Có": "có"}, "Có", True),
        ({"Không": "không", "Có": "có"}, "Không", False),
        ({"Yes": "có", "No": "không"}, "yes", True),
        ({"No": None, "Yes": "có"}, "no", False),
        ({"Yes": "có", "No": "không"}, None, False),
    ],
)
def test_the_cell_tells_which_answer_is_a_yes(words: Mapping[str, str | None], typed: Cell, is_member: bool) -> None:
    config = config_with([unit_line("a")], **{tabs.LISTS: lists_with("Có không", words)})
    judged = judge_units({"a": [changed({PARTY: typed})]}, config=config)
    assert list(judged.people["party"]) == [is_member]


def test_the_words_are_explained_where_the_admin_reads() -> None:
    note = text("look.note.Danh mục.Tính")
    assert [word for word in all_words() if word not in note and rank_of(word) is None] == []
    assert "bậc 1" in note


# --- modes, switches --------------------------------------------------------------------------------------


def judged_with_mode(mode: Mode) -> Judged:
    rules = table_with(tabs.RULES, ("Mã", "cmnd-9-so"), Chế_độ=mode.value)
    config = config_with([unit_line("a")], **{tabs.RULES: rules})
    return judge_units({"a": [changed({NUMBER: "023456789"})]}, config=config)


@pytest.mark.parametrize(("mode", "status"), [(Mode.ON, "loi"), (Mode.TRIAL, "xong"), (Mode.OFF, "xong")])
def test_only_a_rule_that_is_on_changes_a_status(mode: Mode, status: str) -> None:
    judged = judged_with_mode(mode)
    assert list(judged.people["status"]) == [status]
    assert codes_of(judged, "a", 4) == ({"cmnd-9-so"} if mode is Mode.ON else set())


FIELDS = [row for row in default_tables()[tabs.FIELDS][1:] if row[3] != FieldType.COMPUTED.value]

WRONG_ALL_OVER: dict[str, Cell] = {
    NAME: "An 2",
    BORN: "31/02/1985",
    GENDER: "Khác",
    NUMBER: "12",
    CATEGORY: "Bác sĩ",
    PARTY: "có thể",
    PHONE: "12",
    CARD: "vừa làm",
    ISSUED: "hôm qua",
    LEVEL: "Mức 3",
    STAGE: "gần xong",
    ACTIVATED: "hôm qua",
    EXEMPTION: "bận",
    UNTIL: "hết năm",
}


@cache
def codes_with_all_fields() -> dict[str, str]:
    findings = judge_units({"a": [WRONG_ALL_OVER]}).findings
    return dict(zip(findings["rule"], findings["field"], strict=True))


@pytest.mark.parametrize("code", cross_section([row[0] for row in FIELDS], "cccd", "tinh-trang", "doi-tuong"))
def test_a_field_that_is_switched_off_silences_its_rules_and_no_others(code: str) -> None:
    fields = table_with(tabs.FIELDS, ("Mã", code), Dùng="Không")
    config = config_with([unit_line("wrong"), unit_line("sound")], **{tabs.FIELDS: fields})
    judged = judge_units({"wrong": [WRONG_ALL_OVER], "sound": [SOUND]}, config=config)
    assert codes_of(judged, "wrong", 4) == {rule for rule, field in codes_with_all_fields().items() if field != code}
    assert codes_of(judged, "sound", 4) == set()


# --- messages ---------------------------------------------------------------------------------------------


def test_every_message_says_what_to_type_and_no_mail_shows_what_was_typed() -> None:
    people = [changed({**each.typed, NAME: each.typed.get(NAME) or "An"}) for each in ALL_FACTS]
    judged = judge_units({"a": people, "b": people[:3]})
    assert len(judged.findings) > 2 * len(people)
    for line in judged.findings.to_dict("records"):
        typed = str(people[line["row"] - 4].get(line["header"]))
        assert "→" in line["message"]
        assert not re.search(r"[{}\[\]!]", line["message"].replace(typed, "")), line["rule"]
        assert not re.search(r"\d{9}", line["public_message"]), line["rule"]
        assert line["fix"]


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        ({NUMBER: 79085000123}, "079085000123"),
        ({NUMBER: "07908500O123"}, "079085000123"),
        ({NUMBER: "0900000123"}, "số điện thoại"),
        ({BORN: "03/15/1985"}, "15/03/1985"),
        ({CATEGORY: "Vien chuc hang III"}, "Viên chức"),
        ({STAGE: "da kich hoat va dang nhap rồi"}, "Đã kích hoạt và đăng nhập"),
        ({PHONE: "01620000123"}, "0320000123"),
    ],
)
def test_messages_suggest_what_was_meant(cells: Person, hint: str) -> None:
    judged = judge_units({"a": [changed(cells)]})
    assert [hint in message for message in judged.findings["message"]] == [True]
    assert hint in judged.people["sheet_errors"].iloc[0]


def test_only_what_can_be_read_as_12_digits_repeats() -> None:
    """Placeholders and old cards typed for several people have an error of their own already."""
    twice = [SOUND | {"Số CCCD": "023456789"}, SOUND | {"Số CCCD": "023 456 789", "Họ và tên": "Trần Văn Bình"}]
    judged = judge_units({"a": twice, "b": [SOUND | {"Số CCCD": 79085000123}, SOUND], "c": [SOUND]})
    by_row = judged.findings.groupby(["unit", "row"])["rule"].agg(set)
    assert [by_row["a", 4], by_row["a", 5]] == [{"cmnd-9-so"}, {"cmnd-9-so"}]
    repeated = {"cccd-trung-trong-don-vi", "cccd-trung-don-vi-khac"}
    assert by_row["b", 4] == repeated | {"cccd-mat-so-0"}
    assert (by_row["b", 5], by_row["c", 4]) == (repeated, {"cccd-trung-don-vi-khac"})
