"""What is written about the program, where it can be held against the program."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from docs.draw_floors import BEGIN, PAGE, redrawn
from tests.tree import ROOT

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
FOR_ENGINEERS = [
    path for path in PAGES if path.name in ("ARCHITECTURE.md", "CONTRIBUTING.md") or "decisions" in path.parts
]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"(?:automation|config|docs|templates|tests|\.ci)/[\w./-]*|[\w-]+\.(?:toml|lock|md)")
FUNCTION = re.compile(r"(\w+)\(\)")
NAME = re.compile(r"[A-Z][A-Za-z_]+")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def sources() -> str:
    """All modules, one after the other."""
    folders = [ROOT / name for name in ("automation", "docs", "tests")]
    return "\n".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_link_leads_to_a_file(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", FOR_ENGINEERS, ids=page_id)
def test_a_place_that_is_named_is_there(page: Path) -> None:
    quoted = [each for each in QUOTED.findall(page.read_text("utf-8")) if PLACE.fullmatch(each)]
    assert [each for each in quoted if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("page", FOR_ENGINEERS, ids=page_id)
def test_a_name_that_is_quoted_is_defined(page: Path) -> None:
    quoted = QUOTED.findall(page.read_text("utf-8"))
    functions = [name for name in FUNCTION.findall(" ".join(quoted)) if f"def {name}(" not in sources()]
    others = [name for name in quoted if NAME.fullmatch(name) and name not in sources()]
    assert (functions, others) == ([], [])


def lines_of_tables(page: str) -> list[list[str]]:
    """The cells of every line of every table, but for headers."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line[1:-1].split(" | ")] for line in lines if "| --- |" not in line]


def test_every_package_says_what_it_is_for() -> None:
    page = (ROOT / "docs" / "security" / "dependencies.md").read_text("utf-8")
    told = [line[0].strip("`") for line in lines_of_tables(page) if line[0].startswith("`")]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert told == [re.split(r"[^A-Za-z0-9._-]", each)[0] for each in declared]


def test_the_floors_are_drawn_as_they_are_guarded() -> None:
    page = PAGE.read_text("utf-8")
    assert BEGIN in page
    assert redrawn(page) == page, "python -m docs.draw_floors"


@pytest.mark.parametrize(
    ("page", "missing"),
    [
        ("[a](ARCHITECTURE.md#floors) [b](https://example.org/x.md)", []),
        ("[a](docs/nowhere.md)", ["docs/nowhere.md"]),
    ],
)
def test_a_link_to_nowhere_would_be_found(page: str, missing: list[str]) -> None:
    assert [link for link in LINK.findall(page) if not (ROOT / link).exists()] == missing
