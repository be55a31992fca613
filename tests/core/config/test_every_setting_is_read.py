"""Nothing is asked of admins and units that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from automation.adapters.config_files import default_tables
from automation.base.paths import CONFIG, TEMPLATES
from automation.core.admin.settings import SETTINGS
from automation.core.config import tabs
from automation.core.config.mail_kinds import read_name
from automation.core.config.values import KNOWN_FIELDS, FieldCode
from automation.core.figures.summary import summary_figures
from automation.core.judging.judging import judge
from automation.core.model.workbook import Cell, Row, Snapshot
from tests.tree import ROOT
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

ASKED = [str(row[0]) for row in default_tables()[tabs.SETTINGS][1:]]
KNOWN = {spec.name: setting for setting, spec in SETTINGS.items()}
APART = {"mail_from_time": "mail_hours", "mail_until_time": "mail_hours", "tables_version": "SETTINGS["}
"""Settings that are read under another name."""
WRITERS = {"automation/core/admin/settings.py", "automation/core/config/values.py"}
"""Where a setting is made, which is no use of it."""


def code_of(*folders: str) -> str:
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return "\n".join(path.read_text("utf-8") for path in paths if path.relative_to(ROOT).as_posix() not in WRITERS)


def texts_of(*folders: Path) -> str:
    paths = (path for folder in folders for path in folder.rglob("*.*") if path.is_file())
    return "\n".join(path.read_text("utf-8") for path in paths if path.suffix in (".txt", ".csv", ".html", ".toml"))


@pytest.mark.parametrize("name", [name for name in ASKED if read_name(name) is None])
def test_every_setting_that_is_shipped_has_a_reader(name: str) -> None:
    setting = KNOWN.get(name)
    if setting is None:
        assert f"[{name}]" in texts_of(TEMPLATES, CONFIG)
        return
    attribute = APART.get(setting, f".{setting}")
    rule = (ROOT / "automation/core/config/values.py").read_text("utf-8")
    assert attribute in code_of("automation") or f"self.{setting}" in rule or f"[{name}]" in texts_of(TEMPLATES, CONFIG)


def test_every_setting_of_the_program_is_shipped() -> None:
    assert set(KNOWN) - set(ASKED) == set()


DECLARED: dict[str, Cell] = {
    FieldCode.HEADCOUNT: 7,
    FieldCode.DISSEMINATED_ON: "14/04/2023",
    FieldCode.DISSEMINATED_BY: "họp toàn đơn vị",
    FieldCode.INFORMED: 5,
    FieldCode.RELATIVES: 9,
    FieldCode.REPORTED_ON: "18/04/2023",
    FieldCode.LIST_COMPLETE: "x",
}


def shown_with(line: Row) -> str:
    """What the summary and the registry tell of a unit with that line 2, which has a difficulty and lacks people."""
    config = config_with([unit_line("a", headcount=None if line[:1] == ["Tổng số người"] else 3)])
    person = SOUND | {"Tình trạng tài khoản": "Chưa đăng ký", "Khó khăn, vướng mắc": "Lỗi ứng dụng"}
    judged = judge(Snapshot((unit_tab(config, "a", [person], [[], line]),)), config, {}, NOW)
    figures = summary_figures(judged)
    return repr((figures.dissemination, figures.overall, judged.standings[0].notes))


@pytest.mark.parametrize("code", [code for code, kind in KNOWN_FIELDS.items() if kind.is_declared])
def test_every_declared_field_has_a_reader(code: str) -> None:
    (label,) = (row[1] for row in default_tables()[tabs.FIELDS] if row[0] == code)
    assert shown_with([label, DECLARED[code]]) != shown_with([label, None])


def test_the_marks_of_texts_name_settings_that_are_shipped() -> None:
    named = set(re.findall(r"\[([^\[\]=]+)\]", (TEMPLATES / "guide.txt").read_text("utf-8")))
    assert named - set(ASKED) == set()
