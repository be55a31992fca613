"""Pieces of formulas hold whatever happens to the rows of the sheet that they stand in."""

from __future__ import annotations

import re

from automation.core.writing.formulas import counted, digits_of, without_digits


def test_digits_are_counted_by_no_cell_but_the_one_asked_about() -> None:
    for piece in (digits_of("$E4"), without_digits("$E4")):
        assert set(re.findall(r"\$\w+|\w+:\w+|\{", piece)) == {"$E4"}
        assert all(f';{digit};"")' in piece for digit in range(10))


def test_numbers_are_counted_by_a_whole_column() -> None:
    assert counted(5, 500) == "ROW(OFFSET(INDEX($E:$E;1);0;0;500))"
