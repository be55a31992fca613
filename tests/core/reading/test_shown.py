"""What others typed, where it enters a sentence of ours."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.reading.shown import redacted, shown


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("số 079085000123 sai", "số ••• sai"),
        ("0900.000.123", "•••"),
        ("079 085-000 123", "•••"),
        ("(+84) 900 000 123", "(+•••"),
        ("“31/02/1990” không phải ngày sinh", "“31/02/1990” không phải ngày sinh"),
        ("12 số", "12 số"),
        ("hai\ndòng\u200b ", "hai dòng"),
    ],
)
def test_what_was_typed_is_shown_without_long_numbers(typed: str, seen: str) -> None:
    assert redacted(typed) == seen


@given(st.text(alphabet="0123456789 .-–\u200b\u00a0abc/\n", max_size=400))
def test_no_text_carries_a_long_number_into_a_mail(typed: str) -> None:
    seen = redacted(typed)
    assert not re.search(r"\d{6}", re.sub(r"[ .\-–]", "", seen))
    assert "\n" not in seen
    assert len(seen) <= 300


@pytest.mark.parametrize(
    ("title", "seen"),
    [
        ("BV A", "BV A"),
        ("TTYT Q.4", "TTYT Q.4"),
        ("Khoa Nội - Tổng hợp (2)", "Khoa Nội - Tổng hợp (2)"),
        ("\x9b2J VÀO vneid-gov.example gấp", "2J VÀO vneid-gov. example gấp"),
        ("xem https://evil.example/?a=1 ngay", "xem ••• ngay"),
        ("WWW.evil.example", "•••"),
        ("evil。vn, ｅｖｉｌ．ｖｎ", "evil. vn, ｅｖｉｌ. ｖｎ"),
        ("gọi tel:113", "gọi •••"),
        ("javascript:alert(1)", "•••"),
        ("Gọi 0900 000 123", "Gọi •••"),
        ("Gọi 0900_000_123", "Gọi •••"),
        ("Gọi 0900,000·123/4", "Gọi •••"),
        ("Danh sách 20/04/2023", "Danh sách 20/04/2023"),
        ("Gọi ٠٩٠٠٠٠٠١٢٣", "Gọi •••"),
        ("Gọi ⓪⑨⓪⓪⓪⓪⓪①②③", "Gọi •••"),
        ("Gọi ⁰⁹⁰⁰ ⁰⁰⁰ ¹²³", "Gọi •••"),
        ("Gọi ⓿❾⓿⓿⓿⓿⓿❶❷❸", "Gọi •••"),
        ("Gọi ⑴⑵⑶ ⒋⒌⒍ ⑽⑾", "Gọi •••"),
        (
            "Gọi 0\ufe0f\u20e39\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3 0\u20e30\u20e30\u20e3 1\u20e32\u20e33\u20e3",
            "Gọi •••",
        ),
        ("Gọi 𝟘𝟡𝟘𝟘 𝟘𝟘𝟘 𝟙𝟚𝟛", "Gọi •••"),
        ("Khoa ① tầng ½", "Khoa 1 tầng ½"),
        ("\x1b[2J\x1b[31mĐỏ\x1b]0;pwn\x07", "[2J[31mĐỏ]0;pwn"),
        ("\x9d0;pwn\x9c", "0;pwn"),
        ("\u202egnp.exe", "gnp. exe"),
        ("Tên\r\nBcc: x@evil.example", "Tên Bcc: x@evil. example"),
        ("a" * 500, "a" * 99 + "…"),
    ],
)
def test_a_title_is_no_link_no_phone_and_no_command(title: str, seen: str) -> None:
    assert shown(title) == seen


@given(st.text(max_size=200))
def test_no_title_steers_a_terminal_or_becomes_a_link(title: str) -> None:
    seen = shown(title)
    assert not [each for each in seen if unicodedata.category(each)[0] == "C"]
    assert "://" not in seen
    assert len(seen) <= 100
