"""Whatever is done to the parts of a workbook file: a cycle and `init` do their work, or say in a sentence why not."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import asdict

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.base.errors import TccbError
from automation.core.config import tabs
from tests.adapters.excel.hostile import part_of, rewrite, sheet_part, text_cell, with_head, with_merged
from tests.app.test_hostile_files import UNITS, A, B, cycle
from tests.examples import costly

Mutation = Callable[[str, random.Random], str]
"""Of the XML of a part."""

_NUMBERS = ("0", "-1", "1e999", "nan", "99999999999999999999", "9" * 400, "x", "", "1048577", "²", "16385")
_TEXTS = ("a" + "\u0301" * 30_000, "\ufdfa" * 20_000, "x" * 1_001, "=1/0", "#REF!", "_xD800_", "\u200b", "]]&gt;")
_ATTRIBUTES = (
    "r",
    "s",
    "t",
    "min",
    "max",
    "width",
    "style",
    "ref",
    "sqref",
    "count",
    "ht",
    "spans",
    "dxfId",
    "numFmtId",
)


def _attribute_changed(xml: str, dice: random.Random) -> str:
    name = dice.choice(_ATTRIBUTES)
    pieces = xml.split(f' {name}="')
    if len(pieces) == 1:
        return xml
    place = dice.randrange(1, len(pieces))
    pieces[place] = dice.choice(_NUMBERS) + pieces[place][pieces[place].index('"') :]
    return f' {name}="'.join(pieces)


def _attribute_gone(xml: str, dice: random.Random) -> str:
    name = dice.choice(_ATTRIBUTES)
    pieces = xml.split(f' {name}="')
    if len(pieces) == 1:
        return xml
    place = dice.randrange(1, len(pieces))
    joined = f' {name}="'
    behind = pieces[place][pieces[place].index('"') + 1 :]
    return joined.join(pieces[:place]) + behind + "".join(joined + piece for piece in pieces[place + 1 :])


def _rows_added(xml: str, dice: random.Random) -> str:
    number, column = dice.choice((*_NUMBERS, "5", "900")), dice.choice(("B", "D", "H", "XFD", "AAAA", ""))
    kind = dice.choice(("n", "s", "b", "d", "e", "str", "?"))
    content = dice.choice(
        (
            text_cell(f"{column}{number}", dice.choice(_TEXTS)),
            f'<c r="{column}{number}" t="{kind}"><v>{dice.choice(_NUMBERS)}</v></c>',
            f'<c r="{column}{number}"><f t="shared" si="9">{dice.choice(_NUMBERS)}</f></c>',
        )
    )
    return xml.replace("</sheetData>", f'<row r="{number}">{content * dice.choice((1, 3))}</row></sheetData>', 1)


def _piece_moved(xml: str, dice: random.Random) -> str:
    pieces = xml.split("><")
    one = dice.randrange(len(pieces))
    pieces.insert(dice.randrange(len(pieces)), pieces.pop(one))
    return "><".join(pieces)


def _piece_repeated(xml: str, dice: random.Random) -> str:
    pieces = xml.split("><")
    place = dice.randrange(1, max(2, len(pieces) - 1))
    return "><".join([*pieces[:place], *[pieces[place - 1]] * dice.choice((1, 50)), *pieces[place:]])


def _text_changed(xml: str, dice: random.Random) -> str:
    return xml.replace("</t>", f"{dice.choice(_TEXTS)}</t>", dice.choice((1, 40)))


MUTATIONS: Sequence[Mutation] = (
    _attribute_changed,
    _attribute_gone,
    _rows_added,
    _piece_moved,
    _piece_repeated,
    _text_changed,
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    set_up(ExcelWorkbook(folder / "book.xlsx"), folder / "units.csv")
    return folder / "book.xlsx"


def spoil(path: Path, dice: random.Random) -> None:
    """One to three things done to parts of the file."""
    parts = [sheet_part(path, title) for title in (A, A, A, B, tabs.REGISTRY, tabs.GUIDE, tabs.JOURNAL)]
    parts += ["xl/styles.xml", "xl/workbook.xml"]
    changed: dict[str, str] = {}
    for _ in range(dice.choice((1, 1, 2, 3))):
        part = dice.choice(parts)
        changed[part] = dice.choice(MUTATIONS)(changed.get(part) or part_of(path, part).decode(), dice)
    if dice.random() < 0.2:
        letter, row = dice.choice("ABQRU"), dice.choice((1, 2, 3, 4, 5))
        with_merged(
            path, dice.choice((A, B, tabs.REGISTRY)), f"{letter}{row}:{dice.choice('UVZ')}{dice.choice((5, 1048576))}"
        )
    rewrite(path, changed)
    if dice.random() < 0.05:
        with_head(path, parts[0], "<!DOCTYPE x>")


def _works_or_says_why_not(path: Path, work: Callable[[Path], object]) -> None:
    before = path.read_bytes()
    try:
        work(path)
    except TccbError:
        assert path.read_bytes() == before


def _both_ways(drawn: Path, seed: int) -> None:
    for work in (cycle, lambda path: set_up(ExcelWorkbook(path))):
        path = drawn.with_name("spoilt.xlsx")
        path.write_bytes(drawn.read_bytes())
        spoil(path, random.Random(seed))
        _works_or_says_why_not(path, work)


@costly(8)
@given(seed=st.integers(0, 2**32))
def test_a_spoilt_file_is_worked_on_or_refused(drawn: Path, seed: int) -> None:
    _both_ways(drawn, seed)


# What each costs

MOST_MEMORY = 300 << 10
"""Kibibytes of the process at its peak."""
LEAST_SECONDS = 0.5
"""Of CPU that a clean piece of work is taken for: less says more of the machine than of the work."""
START = "start"


class Cost(Struct, frozen=True):
    """What one piece of work on one file took."""

    seed: int | None
    """None: a clean file."""
    work: str
    ended: str
    seconds: float
    """Of CPU."""


WORKS: Mapping[str, Callable[[Path], object]] = {"run": cycle, "init": lambda path: set_up(ExcelWorkbook(path))}


def _measured(drawn: Path, seed: int | None, work: str) -> Cost:
    path = drawn.with_name("spoilt.xlsx")
    path.write_bytes(drawn.read_bytes())
    if seed is not None:
        spoil(path, random.Random(seed))
    start = process_time()
    try:
        WORKS[work](path)
        ended = "done"
    except TccbError:
        ended = "refused"
    except Exception as error:
        ended = repr(error)
    return Cost(seed, work, ended, process_time() - start)


def measure(drawn: Path, seeds: Iterable[int]) -> None:
    """Print what this process took to begin, the cost of each, those of clean files first, and the peak."""
    print(json.dumps(asdict(Cost(None, START, "done", process_time()))))
    clean = [_measured(drawn, None, work) for work in WORKS for _ in range(4)]
    for cost in (*clean, *(_measured(drawn, seed, work) for seed in seeds for work in WORKS)):
        print(json.dumps(asdict(cost)))
    status = Path("/proc/self/status").read_text("utf-8")
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, 50))
def test_200_spoilt_files_are_worked_on_or_refused_at_twice_the_cost_of_clean_ones(drawn: Path, first: int) -> None:
    code = f"measure(Path({str(drawn)!r}), range({first}, {first + 50}))"
    program = f"from pathlib import Path; from tests.app.test_file_mutations import measure; {code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *lines, peak = done.stdout.splitlines()
    costs = [Cost(**json.loads(line)) for line in lines]
    assert [cost for cost in costs if cost.ended not in ("done", "refused")] == []
    assert int(peak) <= MOST_MEMORY
    # A worker runs many cycles in one process; `init` is a command, and begins one each time.
    start = next(cost.seconds for cost in costs if cost.work == START)
    for work, beginning in (("run", 0.0), ("init", start)):
        clean = [cost.seconds for cost in costs if cost.work == work and cost.seed is None]
        most = 2 * (beginning + max(median(clean), LEAST_SECONDS))
        slow = [cost for cost in costs if cost.work == work and beginning + cost.seconds > most]
        assert slow == []
