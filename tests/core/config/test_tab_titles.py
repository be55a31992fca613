"""Tab titles that the registry leaves to us: always valid, short, readable and unique."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.base.paths import CONFIG
from automation.core.config.tab_titles import derived_tab_title

HEADERS = (
    "Mã,Tên đơn vị,Nhóm,Trang tính,Bảng tính,Tổng số người,Đầu mối,Email đầu mối,Điện thoại đầu mối,"
    "Thủ trưởng,Email thủ trưởng"
)


def folded(title: str) -> str:
    return unicodedata.normalize("NFC", title).casefold()


def is_valid(title: str) -> bool:
    return (
        bool(title.strip())
        and len(title.encode("utf-16-le")) <= 62
        and not set(title) & set("[]:*?/\\")
        and title.isprintable()
        and not title.startswith("'")
        and not title.endswith("'")
        and folded(title) != "history"
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Bệnh viện Nhân dân Gia Định", "BV Nhân dân Gia Định"),
        ("BỆNH VIỆN NHÂN DÂN GIA ĐỊNH", "BV NHÂN DÂN GIA ĐỊNH"),
        (unicodedata.normalize("NFD", "Bệnh viện Từ Dũ"), "BV Từ Dũ"),
        ("  Bệnh\u00a0viện   Mắt\n", "BV Mắt"),
        ("Bệnh viện M\u200bắt", "BV Mắt"),  # a zero-width space, as chat programs paste it
        ("Bệnh viện Đa khoa khu vực Củ Chi", "BV ĐKKV Củ Chi"),
        ("Trung tâm Y tế Quận 1", "TTYT Quận 1"),
        ("Trung tâm Cấp cứu 115", "TT Cấp cứu 115"),
        ("Viện Tim Thành phố Hồ Chí Minh", "Viện Tim TP.HCM"),
        ("Bệnh vıện Mắt", "Bệnh vıện Mắt"),  # not our i, so not our word
        ("Bệnh viện A/B: cơ sở 2", "BV A B cơ sở 2"),
        ("Trung tâm Kiểm nghiệm Thuốc, Mỹ phẩm, Thực phẩm", "TT Kiểm nghiệm Thuốc, Mỹ phẩm"),
        ("'History'", "History (2)"),
        ("?/*", "Đơn vị"),
        ("", "Đơn vị"),
    ],
)
def test_a_title_is_the_name_in_the_usual_abbreviations(name: str, title: str) -> None:
    assert derived_tab_title(name, set()) == title


@pytest.mark.parametrize(
    ("taken", "title"),
    [
        ({"BV Mắt"}, "BV Mắt (2)"),
        ({"bv mắt"}, "BV Mắt (2)"),  # spreadsheets compare titles without case
        ({unicodedata.normalize("NFD", "BV Mắt")}, "BV Mắt (2)"),
        ({"BV Mắt", "BV Mắt (2)"}, "BV Mắt (3)"),
        ({"BV Mắt (2)"}, "BV Mắt"),
    ],
)
def test_a_taken_title_gets_a_number(taken: set[str], title: str) -> None:
    assert derived_tab_title("Bệnh viện Mắt", taken) == title


def test_a_number_still_fits_behind_a_long_title() -> None:
    name = "Viện Y dược học dân tộc Thành phố Hồ Chí Minh"
    first = derived_tab_title(name, set())
    second = derived_tab_title(name, {first})
    assert (first, second) == ("Viện Y dược học dân tộc TP.HCM", "Viện Y dược học dân tộc (2)")


@given(
    st.lists(
        st.text(alphabet=st.characters(), max_size=60) | st.sampled_from(["BV Mắt", "bv mắt", "'"]),
        max_size=8,
    )
)
def test_any_names_get_valid_and_different_titles(names: list[str]) -> None:
    titles: set[str] = set()
    for name in names:
        title = derived_tab_title(name, titles)
        assert is_valid(title)
        assert folded(title) not in {folded(other) for other in titles}
        titles.add(title)


@pytest.fixture(scope="module")
def registry() -> list[dict[str, str]]:
    with open(CONFIG / "don-vi.csv", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == HEADERS.split(",")
        return list(reader)


def test_the_registry_lists_the_reporting_units_by_group(registry: list[dict[str, str]]) -> None:
    assert Counter(line["Nhóm"] for line in registry) == {
        "Bệnh viện đa khoa thành phố": 10,
        "Bệnh viện chuyên khoa thành phố": 22,
        "Bệnh viện quận, huyện": 19,
        "Trung tâm y tế quận, huyện": 22,
        "Trung tâm": 5,
        "Chi cục": 1,
        "Cơ quan Sở": 1,
    }


@pytest.mark.parametrize("column", ["Mã", "Tên đơn vị", "Trang tính"])
def test_nothing_that_names_a_unit_is_used_twice(registry: list[dict[str, str]], column: str) -> None:
    assert len({folded(line[column]) for line in registry}) == len(registry) == 80


def test_the_registry_uses_the_derived_titles(registry: list[dict[str, str]]) -> None:
    taken: set[str] = set()
    for line in registry:
        title = derived_tab_title(line["Tên đơn vị"], taken)
        assert line["Trang tính"] == title
        taken.add(title)


def test_the_registry_ships_without_contacts_or_headcounts(registry: list[dict[str, str]]) -> None:
    left_blank = HEADERS.split(",")[4:]
    assert {line[column] for line in registry for column in left_blank} == {""}
