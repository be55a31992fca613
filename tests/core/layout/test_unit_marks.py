"""Which cells of a unit's tab are marked, and by which rules. What the conditions make of cells:
`tests/app/test_marked_cells.py`.
"""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.config.computed import ComputedCode
from automation.core.config.values import Config, FieldCode, Rule
from automation.core.layout.unit_marks import first_row_marks, unit_marks
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import column_letter
from automation.core.reading.tables import Composed, How, Source
from automation.core.writing.formulas import is_none_of
from tests.workbooks import config_with, unit_line

CONFIG = config_with([unit_line("A")])
COLUMNS = {field.code: place for place, field in enumerate(CONFIG.fields, start=1) if field.type.is_input}
TOLD = {**COLUMNS, ComputedCode.TO_CORRECT: 30}
NUMBER, BORN = "COLUMN($E$3)", "COLUMN($C$3)"


def with_rule(code: str, **changes: object) -> Config:
    rules: list[Rule] = [replace(each, **changes) if each.code == code else each for each in CONFIG.rules]
    return replace(CONFIG, rules=tuple(rules))


def formula(config: Config, severity: Severity) -> str:
    """Of the cells that are marked at once."""
    severe = severity is Severity.ERROR
    return next((each.formula for each in unit_marks(config, COLUMNS, {}, 3) if each.severe is severe), "")


def test_every_input_column_is_marked_by_its_configured_header() -> None:
    quoted = replace(CONFIG.field("dien-thoai"), header='Số "máy"; l\'anh')
    config = replace(CONFIG, fields=tuple(quoted if f.code == "dien-thoai" else f for f in CONFIG.fields))
    errors, warnings = unit_marks(config, TOLD, {}, 3)
    assert (errors.severe, warnings.severe) == (True, False)
    assert errors.columns == warnings.columns == tuple(sorted(COLUMNS.values()))
    for mark, word in ((errors, "Lỗi"), (warnings, "Cảnh báo")):
        assert f'CHAR(10)&"{word} – "&IFERROR(IF(COLUMN()=COLUMN($A$3);"STT";"");"")&' in mark.formula
        assert ';"Số ""máy""; l\'anh";"");"")&' in mark.formula
        assert ";CHAR(10)&$AD4))" in mark.formula


def test_without_the_column_of_errors_only_what_the_sheet_can_tell_is_marked() -> None:
    assert not any("CHAR(10)" in each.formula for each in unit_marks(CONFIG, COLUMNS, {}, 3))
    assert unit_marks(CONFIG, {FieldCode.PHONE: 1}, {}, 3) == ()


def test_the_first_row_of_an_empty_tab_marks_what_everybody_must_have() -> None:
    (mark,) = first_row_marks(CONFIG, COLUMNS, 3)
    asked = (FieldCode.NAME, FieldCode.BIRTH_DATE, FieldCode.CATEGORY)
    assert (mark.columns, mark.severe) == (tuple(COLUMNS[code] for code in asked), False)
    assert "IF(ROW()=ROW($B$3)+1;COUNTA($B$4:$B$53)=0;FALSE)" in mark.formula
    (mark,) = first_row_marks(with_rule("doi-tuong-trong", mode=Mode.OFF), COLUMNS, 3)
    assert mark.columns == (COLUMNS[FieldCode.NAME], COLUMNS[FieldCode.BIRTH_DATE])
    assert not [*first_row_marks(CONFIG, {FieldCode.PHONE: 1}, 3)]


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.TRIAL])
def test_a_rule_that_is_not_on_marks_nothing(mode: Mode) -> None:
    assert NUMBER in formula(CONFIG, Severity.WARNING)
    assert formula(with_rule("cccd-mat-so-0", mode=mode), Severity.WARNING) == ""


def test_a_mark_has_the_severity_of_its_rule() -> None:
    lax = with_rule("ngay-sinh-sai", severity=Severity.WARNING)
    assert BORN in formula(lax, Severity.WARNING)
    assert "ISTEXT($C4)" not in formula(lax, Severity.ERROR)


def test_a_rule_over_columns_that_a_tab_lacks_marks_nothing() -> None:
    columns = {code: place for code, place in COLUMNS.items() if code != FieldCode.EXEMPTION}
    found = "".join(each.formula for each in unit_marks(CONFIG, columns, {}, 3))
    assert "COUNTIFS" not in found
    assert 'IF(COUNTIF($E:$E;$E4)>1;COUNTIFS($E:$E;$E4;$O:$O;"")>1;FALSE)' in formula(CONFIG, Severity.ERROR)


LONGEST_FORMULA = 8_192
"""Excel opens no file with a longer one."""


def with_columns(count: int) -> tuple[Config, dict[str, int]]:
    """So many columns of an admin's, each of which everybody has to fill in."""
    tables = default_tables()
    headers = {f"them-{number}": f"Cột thêm số {number}" for number in range(count)}
    fields = [[code, header, "", "văn bản", "", "Không", "Có", ""] for code, header in headers.items()]
    asked = ("Bật", "Lỗi"), ("bắt buộc", "", "Họ và tên có", "chưa có → nhập")
    rules = [[f"{code}-trong", *asked[0], header, *asked[1]] for code, header in headers.items()]
    more = {tabs.FIELDS: [*tables[tabs.FIELDS], *fields], tabs.RULES: [*tables[tabs.RULES], *rules]}
    config = config_with([unit_line("A")], **more)
    inputs = [field.code for field in config.fields if field.type.is_input]
    return config, {code: place for place, code in enumerate([*inputs, ComputedCode.TO_CORRECT], start=1)}


@pytest.mark.parametrize("count", [0, 10, 40])
def test_a_condition_is_one_that_a_file_can_hold(count: int) -> None:
    config, columns = with_columns(count)
    marks = unit_marks(config, columns, {}, 3)
    assert max(len(mark.formula) for mark in marks) < 0.95 * LONGEST_FORMULA
    for severe in (True, False):
        marked = [column for mark in marks if mark.severe is severe for column in mark.columns]
        assert sorted(marked) == list(range(1, len(columns)))
    told_and_live = "".join(mark.formula for mark in marks)
    assert all(told_and_live.count(f'"Cột thêm số {number}"') == 2 for number in range(count))
    assert all(f"LEN(TRIM(${column_letter(columns[f'them-{n}'])}4))=0" in told_and_live for n in range(count))


def test_a_column_with_too_many_rules_is_marked_as_the_bot_tells_it() -> None:
    column = COLUMNS[FieldCode.IDENTITY]
    of_number = [each for each in CONFIG.rules if each.field == FieldCode.IDENTITY]
    many = [replace(each, code=f"{each.code}-{number}") for number in range(60) for each in of_number]
    marks = unit_marks(replace(CONFIG, rules=(*CONFIG.rules, *many)), TOLD, {}, 3)
    assert max(len(mark.formula) for mark in marks) < 0.95 * LONGEST_FORMULA
    (alone,) = (mark for mark in marks if mark.columns == (column,) and mark.severe)
    assert '"Số CCCD"' in alone.formula
    assert "SUBSTITUTE(" not in alone.formula


def test_words_of_other_lines_are_texts_that_a_file_can_hold() -> None:
    words = "|".join(f"từ{number}" for number in range(200))
    texts = is_none_of("$B4", words.split("|")).split('"')[1::2]
    assert max(map(len, texts)) < 255
    assert all(f"|{word}|" in "".join(texts) for word in words.split("|"))


@pytest.mark.parametrize("severity", Severity)
def test_a_condition_counts_by_no_rows_that_people_may_delete(severity: Severity) -> None:
    pieces = formula(CONFIG, severity).split('"')[::2]
    assert not re.search(r"\$\d+:\$\d+", ";".join(pieces).replace("$A$3:$AD$3", ""))


def test_a_field_in_several_columns_is_marked_in_each_as_the_bot_tells_it() -> None:
    composed = {FieldCode.BIRTH_DATE: Composed(How.JOINED, (Source(3), Source(40)))}
    errors = unit_marks(CONFIG, TOLD, composed, 3)[0]
    assert {3, 40} < set(errors.columns)
    assert errors.formula.count('"Ngày sinh"') == 2
    assert "ISTEXT($C4)" not in errors.formula
