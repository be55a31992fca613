"""The admin's own words in mails: what is let in, what is said of the rest, what comes out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.mail_kinds import SAMPLES, Part, Value, read_name
from automation.core.config.mail_wording import LONGEST, check, fill
from automation.core.config.values import Wording
from automation.core.model.mail import NO_CUSTOM_TEXTS
from automation.core.model.workbook import ConfigTables

VALUES = SAMPLES["nhac-viec"]


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("Tiêu đề thư nhac-viec", (Part.SUBJECT, "nhac-viec")),
        ("  mở đầu  thư QUA-HAN ", (Part.OPENING, "qua-han")),
        ("Kết thúc thư gì đó", (Part.CLOSING, "gì đó")),
        ("Tiêu đề thư", None),
        ("Giờ gửi thư từ", None),
    ],
)
def test_settings_that_hold_words(setting: str, read: tuple[Part, str] | None) -> None:
    assert read_name(setting) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Kính gửi {{ don_vi }}: còn {{ con_lai }} người", "Kính gửi Bệnh viện A: còn 450 người"),
        ("{{tong_so}} người, hạn {{ han }}", "1.200 người, hạn 30/04/2023"),
        ("{% if con_lai > 100 %}Còn nhiều{% else %}Còn ít{% endif %}.", "Còn nhiều."),
        ("{% if da_xong == 0 %}Chưa ai xong{% elif can_sua %}Cần sửa {{ can_sua }}{% endif %}", "Cần sửa 12"),
        ('{{ "gấp" if so_ngay <= 3 else "sớm" }}', "sớm"),
        ("Không có chỗ điền { con_lai } (100 %)", "Không có chỗ điền { con_lai } (100 %)"),
        ("<b>{{ don_vi }}</b>", "<b>Bệnh viện A</b>"),  # the template of the mail escapes it
    ],
)
def test_what_comes_out(typed: str, said: str) -> None:
    assert check(typed, Part.OPENING, "nhac-viec") is None
    assert fill(Wording(opening=typed), VALUES).opening == said


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("{{ ten }}", "placeholder"),
        ("{{ self }}", "placeholder"),  # jinja knows it everywhere
        ("{{ '\\ud800' }}", "forbidden"),
        ("{{ con_lai", "syntax"),
        ("{% if con_lai %}", "syntax"),
        ("{{ “con_lai” }}", "syntax"),
        ("{{ " + "(" * 400 + "1" + ")" * 400 + " }}", "syntax"),
        ("{{ don_vi.__class__ }}", "forbidden"),
        ("{{ don_vi[0] }}", "forbidden"),
        ("{{ don_vi.upper() }}", "forbidden"),
        ("{{ don_vi|upper }}", "forbidden"),
        ("{{ 9**9**9**9 }}", "forbidden"),
        ('{{ "a" * 999999999 }}', "forbidden"),
        ("{% for n in [1] %}x{% endfor %}", "forbidden"),
        ("{% set x = 1 %}", "forbidden"),
        ('{% include "parts.html" %}', "forbidden"),
        ("{% macro x() %}{% endmacro %}", "forbidden"),
        ("{{ " + "not " * 230 + "1 }}", "forbidden"),
        ("{% if ty_le < 50 %}x{% endif %}", "comparison"),
        ("{% if con_lai > 100000 and ty_le < 50 %}x{% endif %}", "comparison"),  # also where nobody gets so far today
        ('{% if "a" in don_vi %}x{% endif %}', "comparison"),
        ("dài " * 300, "long"),
    ],
)
def test_what_is_not_let_in(typed: str, key: str) -> None:
    mistake = check(typed, Part.CLOSING, "nhac-viec")
    assert mistake is not None
    assert mistake.key == key


def test_each_part_has_a_length_of_its_own() -> None:
    assert {part: check("a" * most, part, "nhac-viec") for part, most in LONGEST.items()} == dict.fromkeys(LONGEST)
    assert [check("a" * (most + 1), part, "nhac-viec") is None for part, most in LONGEST.items()] == [False] * 3


def test_a_closing_has_lines_and_the_rest_has_one() -> None:
    words = fill(Wording("Một\nhai", "Ba\n\nbốn", "Trân trọng.\n\n  Phòng TCCB \n"), VALUES)
    assert (words.subject, words.opening, words.closing) == ("Một hai", "Ba bốn", ("Trân trọng.", "Phòng TCCB"))


def test_what_comes_out_blank_leaves_the_shipped_words() -> None:
    assert fill(Wording(), VALUES) == NO_CUSTOM_TEXTS
    assert fill(Wording(subject="{% if con_lai == 0 %}Xong{% endif %}"), VALUES) == NO_CUSTOM_TEXTS


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("part", Part)
def test_every_placeholder_of_a_kind_can_be_used(kind: str, part: Part) -> None:
    for name in SAMPLES[kind]:
        assert check(f"{{{{ {name} }}}}", part, kind) is None


PIECES = st.sampled_from(
    [
        *(f"{{{{ {name} }}}}" for name in VALUES),
        *("{% if con_lai > 1 %}", "{% if ty_le == don_vi %}", "{% else %}", "{% endif %}", "{% for x in y %}"),
        *("{{", "}}", "{%", "{#", "#}", "(", "|upper", " chữ ", "\n", "{{ han < 3 }}"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12), st.data())
def test_whatever_is_typed_is_refused_or_can_be_filled_with_any_figures(pieces: list[str], data: st.DataObject) -> None:
    typed = "".join(pieces)
    if check(typed, Part.OPENING, "nhac-viec") is not None:
        return
    figures: dict[str, Value] = {
        name: data.draw(st.text(max_size=5))
        if isinstance(value, str)
        else data.draw(st.dates())
        if isinstance(value, date)
        else data.draw(st.integers(-5, 10**6))
        for name, value in VALUES.items()
    }
    assert isinstance(fill(Wording(opening=typed), figures).opening, str)


# --- in the tab -------------------------------------------------------------------------------------------


def default_tables_with_setting(setting: str, typed: str) -> ConfigTables:
    """The shipped configuration with one more line of `Cấu hình`, or with another value on it."""
    others = [row for row in default_tables()[tabs.SETTINGS] if row[0] != setting]
    return {**default_tables(), tabs.SETTINGS: [*others, [setting, typed]]}


@pytest.mark.parametrize(
    ("setting", "typed", "what", "fix"),
    [
        ("Mở đầu thư nhac-viec", "{{ donvi }}", "Không có chỗ điền tên “donvi”", "Có phải ý là “don_vi”."),
        ("Mở đầu thư tong-hop", "{{ don_vi }}", "Không có chỗ điền tên “don_vi”", "“so_don_vi”"),
        ("Tiêu đề thư nhac-viec", "a" * 201, "Câu dài hơn 200 ký tự.", "không quá 200"),
        ("Kết thúc thư qua-han", "{{ 1 + }}", "Chưa hiểu", "{{ tên }}"),
        ("Kết thúc thư qua-han", "{{ don_vi.x }}", "không dùng được", "{% if tên > 10 %}...{% endif %}"),
        ("Mở đầu thư nhac-viec", "{% if han < 5 %}a{% endif %}", "so sánh", "{% if tên > 10 %}"),
        ("Mở đầu thư nhac-viecc", "", "có mẫu thư “nhac-viecc”, không có mẫu này", "Có phải ý là “nhac-viec”."),
    ],
)
def test_a_mistake_is_a_problem_of_its_cell(setting: str, typed: str, what: str, fix: str) -> None:
    read = read_config(default_tables_with_setting(setting, typed))
    assert isinstance(read, Refused)
    (problem,) = read.problems
    assert problem.place is not None
    assert problem.place.tab == tabs.SETTINGS
    assert what in problem.what
    assert fix in problem.fix


def test_words_get_into_the_configuration() -> None:
    read = read_config(default_tables_with_setting("Kết thúc thư qua-han", "Trân trọng.\nPhòng  TCCB"))
    assert not isinstance(read, Refused)
    assert read.settings.wordings["qua-han"] == Wording(closing="Trân trọng.\nPhòng TCCB")
