"""One word for one thing in everything that people read: templates and the shipped configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from automation.base.paths import CONFIG, TEMPLATES
from automation.cli.main import app
from tests.pages import PAGES

INSTEAD_OF = {
    "khối": "nhóm",  # as the column of the registry is called
    "sổ": "bảng tính",  # the workbook, at Google or as a file; tệp is any file
    "rà soát": "kiểm tra",  # what the bot does with a row, and what people are asked to do with a cell
}
KEPT = (
    "Kết quả rà soát",  # how some already call the column
    "Bảo vệ sổ làm việc",  # what Excel calls it
    "Cộng | Tổng | Khối",  # how a line between people may begin
    "sổ hộ khẩu, sổ tạm trú",  # the name of a decree
)


def lines() -> Iterator[tuple[str, str]]:
    """(where, what stands there) of every line that may be shown."""
    for path in sorted((*TEMPLATES.rglob("*.*"), *CONFIG.glob("*.csv"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.parent.name}/{path.name}:{number}", line


@pytest.mark.parametrize(("word", "better"), INSTEAD_OF.items(), ids=INSTEAD_OF.values())
def test_one_thing_has_one_word(word: str, better: str) -> None:
    found = []
    for where, line in lines():
        shown = line
        for phrase in KEPT:
            shown = shown.replace(phrase, "")
        if re.search(rf"(?<!\w){word}(?!\w)", shown, re.IGNORECASE):
            found.append(f"{where}: {line.strip()}")
    assert not found, f"“{better}” rather than “{word}”"


def test_what_is_kept_is_there() -> None:
    everything = "\n".join(line for _, line in lines())
    assert [phrase for phrase in KEPT if phrase not in everything] == []


def test_a_share_is_written_with_a_space_before_its_sign() -> None:
    """As Vietnamese offices write it; the names of settings hold "(%)", and pages for mails have widths."""
    shares = [
        where for where, line in lines() if re.search(r"(?<![%\d])\d+(?:,\d)?%(?!\w)", line) and ".html" not in where
    ]
    assert shares == []


def test_every_command_that_is_named_exists() -> None:
    known = {command.name or "" for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups if isinstance(group.name, str)}
    pages = ((path.name, path.read_text("utf-8")) for path in PAGES)
    named = {
        (where, command)
        for where, content in (*lines(), *pages)
        for command in re.findall(r"(?<![\w./-])tccb ([a-z]+)", content)
    }
    assert {command for _, command in named} >= {"init", "check", "run", "doctor"}
    assert [each for each in sorted(named) if each[1] not in known] == []
