"""The table of the columns that the bot writes beside people."""

from __future__ import annotations

import pandas as pd

from automation.core.config.computed import COMPUTED, HIDDEN, JudgedRows, computed_values


def test_every_computed_cell_comes_from_the_judged_row() -> None:
    people = pd.DataFrame({"label": ["Hoàn thành"], "sheet_todo": ["Xong"], "sheet_errors": ["Sai"]})
    assert computed_values(JudgedRows(people, ["0|1"])) == [
        {"ket-qua": "Hoàn thành", "viec-can-lam": "Xong", "loi-can-sua": "Sai", "da-xet": "0|1"}
    ]
    assert computed_values(JudgedRows(people.iloc[:0], [])) == []
    assert set(COMPUTED) > HIDDEN == {"da-xet"}
