"""What is to stand beside people, whichever of our columns a tab has left."""

from __future__ import annotations

from automation.core.config.values import FieldCode
from automation.core.judging.judging import judge
from automation.core.judging.lists.digest import input_columns, inputs_text, judged_fields, row_digests, signature
from automation.core.model.workbook import Snapshot
from automation.core.writing.results import Results
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("a")])


def test_where_the_hidden_column_alone_is_left_its_digest_is_of_the_inputs() -> None:
    """Somebody cut that column and pasted it elsewhere: what was written meanwhile is known by it, and cleared."""
    judged = judge(Snapshot((unit_tab(CONFIG, "a", [SOUND, SOUND]),)), CONFIG, {}, NOW)
    (table,) = judged.tables
    found = Results(judged.people, judged.is_overdue, CONFIG).of(table, {FieldCode.JUDGED: 99})
    fields = judged_fields(CONFIG, table.table.columns)
    texts = [inputs_text(row, input_columns(fields, table.table.columns_of)) for _, row in table.body]
    assert found[FieldCode.JUDGED] == row_digests(texts, [[], []], signature(fields))
