"""The table of the columns that the bot writes beside people."""

from __future__ import annotations

import pandas as pd

from automation.core.config.computed import COMPUTED, HIDDEN, JudgedRows, shown_results


def test_every_computed_cell_comes_from_the_judged_row() -> None:
    people = pd.DataFrame({"label": ["Hoàn thành"], "sheet_todo": ["Xong"], "sheet_errors": ["Sai"]})
    assert shown_results(JudgedRows(people)) == {
        "ket-qua": ["Hoàn thành"],
        "viec-can-lam": ["Xong"],
        "loi-can-sua": ["Sai"],
    }
    assert set(map(len, shown_results(JudgedRows(people.iloc[:0])).values())) == {0}
    assert set(COMPUTED) > HIDDEN == {"da-xet"}
