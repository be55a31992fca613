"""The figures of the house, and that it stays as small in its parts as it is meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import figures_of, longest_chain, main, modules_of
from tests.tree import ROOT

FIGURES = {figure.name: figure for figure in figures_of(ROOT)}
NOT_YET = {"imports a module, on average"}
"""What has still to come down to its limit; whoever gets there takes it out of here."""

SOURCES = {
    "automation/__init__.py": "",
    "automation/core/__init__.py": '"""The pure half."""\n',
    "automation/core/low.py": "def up() -> int:\n    return 42\n",
    "automation/core/middle.py": "from automation.core import low\n\n\ndef twice() -> int:\n    return 2 * low.up()\n",
    "automation/core/high.py": "from automation.core.middle import twice\n\nANSWER = twice()\n",
    "automation/shell.py": "import json\n\nfrom automation.core import high, low, middle\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of four modules."""
    for name, source in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, "utf-8")
    return tmp_path


def test_modules_are_known_with_what_they_import(tree: Path) -> None:
    found = {name: sorted(module.imports) for name, module in modules_of(tree).items()}
    assert found == {
        "automation.core.low": [],
        "automation.core.middle": ["automation.core.low"],
        "automation.core.high": ["automation.core.middle"],
        "automation.shell": ["automation.core.high", "automation.core.low", "automation.core.middle"],
    }


def test_the_longest_chain_is_found(tree: Path) -> None:
    chain = longest_chain(modules_of(tree))
    assert chain == ["automation.core.high", "automation.core.middle", "automation.core.low"]


def test_every_figure_is_shown_for_every_tree(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tree), str(tree)])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line[36:].split() for line in lines] == [
        ["3", "3", "16"],
        ["3", "3", "15"],
        ["1.2", "1.2", "5"],
        ["2", "2", "6"],
        ["2", "2", "16"],
        ["4", "4"],
        ["2", "2"],
        ["13", "13"],
    ]


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.items() if figure.at_most is not None])
def test_a_figure_keeps_to_its_limit(name: str, request: pytest.FixtureRequest) -> None:
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True, reason="still to come down"))
    assert FIGURES[name].holds, FIGURES[name]
