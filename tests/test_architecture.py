"""The layers and habits that nothing else would notice being broken."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tree import PACKAGE

MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = sorted((PACKAGE / "core").rglob("*.py"))

OUTSIDE = {"gspread", "openpyxl", "smtplib", "sqlite3", "lxml", "requests", "socket", "subprocess", "urllib"}
"""What reaches beyond the program; the core may not."""
SHELL = {"automation.core", "automation.base"}
"""The only parts of the package that the core may import."""
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CLOCK_CALLS |= {("time", name) for name in ("time", "monotonic", "perf_counter", "localtime", "sleep")}

VIETNAMESE_WORD = re.compile(
    r"\w*[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]\w*", re.IGNORECASE
)
END_OF_SENTENCE = re.compile(r"\w[\"”]?[.!?…;:]\s*$")


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_allowed_in_core(imported: str) -> bool:
    if imported.startswith("automation"):
        return any(imported.startswith(part) for part in SHELL)
    return imported.split(".")[0] not in OUTSIDE


def clock_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in CLOCK_CALLS:
                yield f"{owner}.{node.attr}"


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
def test_the_core_reaches_for_nothing_outside(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [name for name in imports_of(tree) if not is_allowed_in_core(name)] == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_asks_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert list(clock_calls(tree)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_vietnamese_sentences_live_outside_the_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [place for place in strings_of(tree) if is_vietnamese_sentence(place[1])] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import sqlite3", ["sqlite3"]),
        ("from lxml import etree", ["lxml.etree"]),
        ("from automation.adapters.store import SqliteStore", ["automation.adapters.store.SqliteStore"]),
        ("from automation.app import cycle", ["automation.app.cycle"]),
        ("from automation.core.model import Unit\nimport pandas\nfrom datetime import date", []),
    ],
)
def test_a_forbidden_import_would_be_found(source: str, found: list[str]) -> None:
    assert [name for name in imports_of(ast.parse(source)) if not is_allowed_in_core(name)] == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("datetime.now()", ["datetime.now"]),
        ("datetime.datetime.now(zone)", ["datetime.now"]),
        ("field(default_factory=date.today)", ["date.today"]),
        ("datetime.combine(day, time.min)", []),
    ],
)
def test_a_clock_call_would_be_found(source: str, found: list[str]) -> None:
    assert list(clock_calls(ast.parse(source))) == found


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
