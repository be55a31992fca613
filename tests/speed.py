"""What judging and the write's cells cost, in F: CPU of `json.loads` of the input cells, measured in the same process.

    python -m tests.benchmark --json [--rows 50000] [--units 100]
    python -m tests.benchmark --json --rows 10000 --hold docs/toc-do.md    fail where a ratio is twice that of the table
    python -m tests.benchmark --beside [--rows 50000]    a plain loop, pandas and polars by hand (`tests/contenders.py`)

Pure: from tabs as an adapter hands them over to the cells that have to change. Cases: `first` (nothing of ours stands
there; with the body of the write and the look at what it met), `cold` (a new process, everything stands there), `all`
(then a cell was edited in every tab), `warm` (in one tab of twenty), `quiet` (in none).
"""

from __future__ import annotations

import gc
import json
import re
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from automation.adapters.google.updates import updates
from automation.adapters.google.workbook import as_meant, holds, kept_changes
from automation.app.keeping import Kept
from automation.base.collecting import uncollected
from automation.core.admin.reader import with_tab_titles
from automation.core.config.values import Config
from automation.core.judging.judging import judge
from automation.core.model.units import Unit, UnitRecord
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.reading.other_lines import FOLDED_NAMES
from automation.core.writing.changes import Changes, cell_changes
from automation.demo.campaign import make_campaign
from tests.contenders import CONTENDERS, Finding, Line
from tests.core.facts import NAME
from tests.workbooks import NOW, config_with, headers_of, unit_line

CASES = ("first", "cold", "all", "warm", "quiet")
TOO_SLOW = 2.0
"""Times what the table says, in two runs of two: machines differ and are noisy."""
_BELOW_NOISE = 0.5
"""F that mean nothing: a quiet look takes a few milliseconds."""
_ONE_IN = 20
_TABS_OF_ONE = 100
"""So many tabs has a spreadsheet: a million rows are twenty of them."""
_ABOVE = 2
_LINE = re.compile(r"^\| ([\d,]+) \| (\w+) \| ([\d.]+) \|", re.MULTILINE)

RESULTS = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")

Measured = Mapping[str, Mapping[str, float]]
"""Case -> stage -> F."""


def measure_speed(rows: int, units: int) -> dict[str, object]:
    """Everything that `--json` prints."""
    office = _Office(*made_workbook(rows, units))
    return {
        "rows": rows,
        "units": units,
        "F": round(office.unit, 4),
        "cases": _rounded(dict(zip(CASES, _costs(office), strict=True))),
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def measure_beside(rows: int, units: int) -> dict[str, float | str]:
    """F of each of `CONTENDERS` on the same people. Raises AssertionError where one says anything else than we do."""
    office = _Office(*made_workbook(rows, units))
    return {name: _one_beside(name, office) for name in CONTENDERS}


def _one_beside(name: str, office: _Office) -> float | str:
    lines, wanted = same_people(office.snapshot, office.config)
    found: set[Finding] = set()
    try:
        cost = _cpu(lambda: found.update(CONTENDERS[name](lines, office.config, NOW.date()))) / office.unit
    except ImportError:
        return "not installed"
    assert found == wanted, name
    return round(cost, 1)


def same_people(snapshot: Snapshot, config: Config) -> tuple[list[Line], set[Finding]]:
    """The people of a workbook for the contenders, and what we say of them."""
    judged = judge(snapshot, config, {}, NOW)
    codes, tabs = {field.header: field.code for field in config.fields}, {tab.key: tab.rows for tab in snapshot.tabs}
    headers = {key: [codes[str(header)] for header in rows[_ABOVE]] for key, rows in tabs.items()}
    lines: list[Line] = [
        (unit, row, dict(zip(headers[unit], tabs[unit][row - 1], strict=False)))
        for unit, row in zip(judged.people["unit"], judged.people["row"], strict=True)
    ]
    told = (judged.findings[column].tolist() for column in ("unit", "row", "rule", "field"))
    return lines, set(zip(*told, strict=True))


def slow_cases(measure: Callable[[], dict[str, object]], page: Path) -> Iterator[str]:
    """The cases that cost more than `TOO_SLOW` times what the page says, in two runs of two."""
    known = {(int(rows.replace(",", "")), case): float(pure) for rows, case, pure in _LINE.findall(page.read_text())}
    runs = [measure(), measure()]
    for rows, case in known:
        found = [float(run["cases"][case]["pure"]) for run in runs if run["rows"] == rows]  # type: ignore[index]
        if found and min(found) > TOO_SLOW * known[rows, case] + _BELOW_NOISE:
            yield f"{case}: {min(found)} F, the table says {known[rows, case]}"


@dataclass
class _Office:
    """A workbook, what one process keeps of it, and what a stage costs."""

    snapshot: Snapshot
    config: Config
    kept: Kept = field(default_factory=Kept)
    records: Mapping[str, UnitRecord] = field(default_factory=dict)
    changes: Changes | None = None
    unit: float = 0.0
    """F in seconds."""

    def __post_init__(self) -> None:
        gc.disable()
        self.unit = sum(_seconds_to_decode(each.tabs) for each in _spreadsheets(self.snapshot))
        gc.enable()

    def cycle(self) -> dict[str, float]:
        """Judge and find out what to write."""
        cost: dict[str, float] = {}
        cost["pure"] = _cpu(lambda: self._decide(cost)) / self.unit
        return cost

    def _decide(self, cost: dict[str, float]) -> list[None]:
        """As a cycle does. What is new behind it brings the collector back, whose first look counts."""
        with uncollected():
            cost["judge"] = _cpu(self._judge) / self.unit
            cost["changes"] = _cpu(self._find_changes) / self.unit
        return [None]

    def _judge(self) -> None:
        self.judged = self.kept.judged(self.snapshot, self.config, self.records, NOW)

    def _find_changes(self) -> None:
        self.changes = cell_changes(self.snapshot, self.judged, {}, units_shown=self.kept.shown(self.judged))
        self.kept.note(self.judged, self.changes)

    def first(self) -> dict[str, float]:
        """The same, with the body of the first write, and the look at what it met: both as at Google."""
        cost = {**self.cycle(), "body": 0.0, "check": 0.0}
        for spreadsheet, cells in self._writes():
            keys = {tab.key: str(place) for place, tab in enumerate(spreadsheet.tabs)}
            basis = Snapshot(tuple(replace(tab, key=keys[tab.key]) for tab in spreadsheet.tabs))
            wanted = [each._replace(tab=keys[each.tab]) for each in cells]
            cost["body"] += _cpu(partial(_make_bodies, wanted, basis)) / self.unit
            cost["check"] += _cpu(partial(holds, basis, wanted, as_meant(basis, wanted))) / self.unit
        return {**cost, "pure": cost["pure"] + cost["body"] + cost["check"]}

    def write(self) -> None:
        """What the last cycle wanted."""
        self.records = {each.code: each for each in self.judged.records}
        self.snapshot = Snapshot(tuple(tab for each, cells in self._writes() for tab in as_meant(each, cells).tabs))

    def _writes(self) -> Iterator[tuple[Snapshot, list[CellChange]]]:
        """Each spreadsheet with what the last cycle wanted there."""
        of_tab = defaultdict[str, list[CellChange]](list)
        for cell in self.changes.cells if self.changes else ():
            of_tab[cell.tab].append(cell)
        for each in _spreadsheets(self.snapshot):
            yield each, list(chain.from_iterable(of_tab.pop(tab.key, ()) for tab in each.tabs))

    def begin_anew(self) -> None:
        """As a new process, which knows nothing but what it reads."""
        self.kept, self.changes = Kept(), None
        del self.judged
        FOLDED_NAMES.forget()

    def edit(self, one_in: int) -> None:
        """Somebody else's name in the first line of some tabs, as often as this is asked for."""
        self.snapshot = Snapshot(
            tuple(_edited(tab) if place % one_in == 0 else tab for place, tab in enumerate(self.snapshot.tabs))
        )


def _costs(office: _Office) -> Iterator[dict[str, float]]:
    """In the order of `CASES`."""
    yield office.first()
    office.write()
    office.begin_anew()
    yield office.cycle()
    office.edit(1)
    yield office.cycle()
    office.write()
    office.cycle()
    office.edit(_ONE_IN)
    yield office.cycle()
    office.write()
    office.cycle()
    yield office.cycle()


def _spreadsheets(snapshot: Snapshot) -> Iterator[Snapshot]:
    """A hundred tabs in each: they are read, written to and looked at one after another."""
    tabs = snapshot.tabs
    return (Snapshot(tabs[start : start + _TABS_OF_ONE]) for start in range(0, len(tabs), _TABS_OF_ONE))


def _make_bodies(wanted: Sequence[CellChange], basis: Snapshot) -> int:
    """How many characters they have."""
    return sum(len(json.dumps(each.body)) for each in updates(kept_changes(wanted, basis)))


def _edited(tab: Tab) -> Tab:
    rows: list[Sequence[Cell]] = list(tab.rows)
    if len(rows) > _ABOVE + 1:
        line, name = list(rows[_ABOVE + 1]), rows[_ABOVE].index(NAME)
        line[name] = f"{line[name]} Anh"
        rows[_ABOVE + 1] = line
    return replace(tab, rows=rows)


def made_workbook(rows: int, units: int) -> tuple[Snapshot, Config]:
    """So many people in so many tabs, 6 % of them with a mistake."""
    config = config_with([unit_line(f"u{number:04}") for number in range(units)])
    registry = with_tab_titles([Unit(f"u{n:04}", f"Đơn vị u{n:04}", group="Bệnh viện") for n in range(units)])
    headers, codes = headers_of(config), {field.header: field.code for field in config.fields}
    tabs = []
    for each in make_campaign(registry, rows, date(2023, 4, 20), seed=1):
        lines = ([person.get(codes[header]) for header in headers] for person in each.rows)
        tabs.append(Tab(each.unit.code, each.unit.code, [[], [], headers, *lines]))
    return Snapshot(tuple(tabs)), config


def _seconds_to_decode(tabs: Sequence[Tab]) -> float:
    """What `json.loads` takes for the answer of one spreadsheet, with the input cells alone."""
    cells = json.dumps([list(map(list, tab.rows)) for tab in tabs], separators=(",", ":"), default=str)
    return statistics.median(_cpu(lambda: json.loads(cells)) for _ in range(5))


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _rounded(cases: Measured) -> dict[str, dict[str, float]]:
    return {case: {stage: round(cost, 2) for stage, cost in stages.items()} for case, stages in cases.items()}
