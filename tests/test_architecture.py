"""The layers and habits that nothing else would notice being broken."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree import PACKAGE, ROOT

MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = sorted((PACKAGE / "core").rglob("*.py"))

CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCK_METHODS = {"now", "utcnow", "today"}
"""Of datetime, date and pd.Timestamp, by whatever name they were imported."""
CLOCK_CALLS |= {("time", name) for name in ("time", "monotonic", "perf_counter", "localtime", "sleep")}

VIETNAMESE_WORD = re.compile(
    r"\w*[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]\w*", re.IGNORECASE
)
COLOUR = re.compile(r"#?(?:FF)?[0-9A-Fa-f]{6}")
WEB_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b")
END_OF_SENTENCE = re.compile(r"\w[\"”]?[.!?…;:]\s*$")


def calls_outside(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = _owner(node)
            if (owner, node.attr) in CLOCK_CALLS or (owner == "pd" and node.attr.startswith("read_")):
                yield f"{owner}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_METHODS:
            if _owner(node.func) not in {owner for owner, _ in CLOCK_CALLS}:  # those are found by their attribute
                yield f"{_owner(node.func)}.{node.func.attr}"
        elif isinstance(node, ast.Name) and node.id in ("open", "__import__"):
            yield node.id


def _owner(node: ast.Attribute) -> str:
    match node.value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def strings_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string but docstrings and the descriptions below attributes, an f-string as one."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.lineno, tree.value
    elif isinstance(tree, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "x" for part in tree.values)
        yield tree.lineno, "".join(str(part) for part in parts)
    else:
        for child in ast.iter_child_nodes(tree):
            yield from strings_of(child)


def is_vietnamese_sentence(string: str) -> bool:
    return len(VIETNAMESE_WORD.findall(string)) >= 4 and END_OF_SENTENCE.search(string) is not None


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_asks_no_clock_and_opens_no_file(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert list(calls_outside(tree)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_vietnamese_sentences_live_outside_the_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [place for place in strings_of(tree) if is_vietnamese_sentence(place[1])] == []


def lint_imports(folder: Path) -> str:
    """What the guard says of the package in that folder."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        # The folder alone, so that its package is looked at and not this one.
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if "BROKEN" in done.stdout else 0), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the guard says of a copy of the package into which every kind of trespass was put."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(PACKAGE, folder / "automation", ignore=shutil.ignore_patterns("__pycache__"))
    for place, line in TRESPASSES:
        path = folder / "automation" / place
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    return lint_imports(folder)


TRESPASSES = (
    ("core/mail/deeper/ledger.py", "import sqlite3"),
    ("core/judging/checks.py", "import os"),
    ("core/reading/cells.py", "from pathlib import Path"),
    ("core/figures/forecast.py", "import random"),
    ("adapters/excel/reader.py", "from automation.core.judging.checks import CHECKS"),
    ("adapters/store/store.py", "from automation.app.cycle import run_cycle"),
    ("adapters/google/workbook.py", "from automation.core.mail.planning import plan_mails"),
    ("core/config/values.py", "from automation.core.mail.reminders import mail_key"),
    ("adapters/mail/mime.py", "from automation.adapters.documents.draft_report import environment"),
    ("core/extra/thing.py", "ANSWER = 42"),
)
"""(module, line): one for each kind of import that the floors rule out, and a package that stands on none."""


@pytest.mark.parametrize(
    "said",
    [
        "automation.core.mail.deeper.ledger -> sqlite3",
        "automation.core.judging.checks -> os",
        "automation.core.reading.cells -> pathlib",
        "automation.core.figures.forecast -> random",
        "automation.adapters.excel.reader -> automation.core.judging.checks",
        "automation.adapters.store.store -> automation.app.cycle",
        "automation.adapters.google.workbook -> automation.core.mail.planning",
        "automation.core.config.values -> automation.core.mail.reminders",
        "automation.adapters.mail.mime -> automation.adapters.documents.draft_report",
        "automation.core.extra",
    ],
)
def test_the_guard_catches_every_kind_of_trespass(verdict: str, said: str) -> None:
    assert said in verdict


def test_the_house_keeps_to_its_floors() -> None:
    assert "BROKEN" not in lint_imports(ROOT)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("datetime.now()", ["datetime.now"]),
        ("datetime.datetime.now(zone)", ["datetime.now"]),
        ("field(default_factory=date.today)", ["date.today"]),
        ("pd.Timestamp.now()", ["Timestamp.now"]),
        ("d.now(zone)", ["d.now"]),
        ("pd.read_csv(path)", ["pd.read_csv"]),
        ("judged.now", []),
        ("datetime.combine(day, time.min)", []),
        ("with open(path) as file: pass", ["open"]),
    ],
)
def test_a_call_outside_would_be_found(source: str, found: list[str]) -> None:
    assert list(calls_outside(ast.parse(source))) == found


def test_every_module_lies_in_a_folder_and_says_something() -> None:
    assert list(ROOT.glob("*.py")) == []
    assert [path.name for path in MODULES if not path.read_text("utf-8").strip()] == []


def test_consoles_are_made_in_one_place() -> None:
    """One made elsewhere would print ":a:" in the name of a unit as a picture."""
    made = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and "Console" in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
    }
    assert made == {"cli/screens.py"}


def test_colours_stand_in_the_palette_alone() -> None:
    literals = {
        (path.name, string)
        for path in MODULES
        for _, string in strings_of(ast.parse(path.read_text("utf-8")))
        if COLOUR.fullmatch(string)
    }
    in_templates = {
        path.name for path in (ROOT / "templates").rglob("*.*") if WEB_COLOUR.search(path.read_text("utf-8"))
    }
    assert {name for name, _ in literals} == {"palette.py"}
    assert in_templates == set()


@pytest.mark.parametrize(
    ("source", "is_sentence"),
    [
        ('show("Đề nghị nhập lại số căn cước.")', True),
        ('show(f"Đơn vị {name} chưa gửi đủ số liệu.")', True),
        ('TAB = "Khó khăn, vướng mắc"', False),
        ('TOTAL = re.compile(r"(tổng cộng|tổng số|tổng|cộng)( người)?")', False),
        ('def f():\n    """Tab `Đã nhập đủ danh sách` of a unit."""', False),
    ],
)
def test_a_vietnamese_sentence_would_be_found(source: str, is_sentence: bool) -> None:
    strings = [string for _, string in strings_of(ast.parse(source))]
    assert any(map(is_vietnamese_sentence, strings)) is is_sentence
