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
    path
    for path in PAGES
    if path.name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md") or {"decisions", "security"} & set(path.parts)
]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"(?:automation|config|docs|templates|tests|\.ci)/[\w./-]*|[\w-]+\.(?:toml|lock|md)")
FUNCTION = re.compile(r"(\w+)\(\)")
NAME = re.compile(r"[A-Z][A-Za-z_]+")
THREATS = ROOT / "docs" / "security" / "threat-model.md"
HELD_BY = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
NOT_HELD = ("see issue", "by hand")


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


def not_there(page: str) -> list[str]:
    """The tests that the page names and nobody finds."""
    named = [(ROOT / "tests" / module, test) for module, test in HELD_BY.findall(page)]
    return [
        f"{path.name} {test}"
        for path, test in named
        if not path.exists() or f"def {test}(" not in path.read_text("utf-8")
    ]


def threats_held_by_nothing(page: str) -> list[str]:
    """Threats whose last cell names no test, and does not say why."""
    lines = [line for line in lines_of_tables(page) if len(line) == 3 and line != ["path", "defence", "test"]]
    return [line[0] for line in lines if not HELD_BY.search(line[2]) and line[2] not in NOT_HELD]


def test_a_test_that_holds_a_defence_is_there() -> None:
    page = THREATS.read_text("utf-8")
    assert len(HELD_BY.findall(page)) > 50
    assert not_there(page) == []


def test_every_threat_names_what_holds_its_defence() -> None:
    assert threats_held_by_nothing(THREATS.read_text("utf-8")) == []


def test_a_defence_without_a_test_would_be_found() -> None:
    page = "| one | wall | `test_docs.py::test_nowhere` |\n| two | wall | |\n| three | wall | by hand |\n"
    assert not_there(page) == ["test_docs.py test_nowhere"]
    assert threats_held_by_nothing(page) == ["two"]


def test_every_package_says_what_it_is_for() -> None:
    page = (ROOT / "docs" / "security" / "dependencies.md").read_text("utf-8")
    told = [line[0].strip("`") for line in lines_of_tables(page) if line[0].startswith("`")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["fleet"]]
    assert told == [re.split(r"[^A-Za-z0-9._-]", each)[0] for each in declared]


def test_what_the_page_on_security_quotes_is_said_and_set_so() -> None:
    page = (ROOT / "docs" / "bao-mat.md").read_text("utf-8")
    messages = "\n".join(path.read_text("utf-8") for path in (ROOT / "templates" / "messages").glob("*.toml"))
    quoted = [" ".join(each.split()) for each in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", page)]
    assert len(quoted) >= 8
    assert [each for each in quoted if each not in messages] == []
    assert "!" not in page


@pytest.mark.parametrize("name", ["bao-mat", "don-vi", "tccb", "van-hanh"])
def test_what_the_page_of_a_role_names_is_called_so(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "config").glob("*.csv")]
    shown = "\n".join(path.read_text("utf-8") for path in files)
    named = {each for each in QUOTED.findall(page) if each[0].isupper() and not each.isascii()}
    assert len(named) > 3
    assert [each for each in sorted(named) if each not in f"{shown}{sources()}"] == []


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
