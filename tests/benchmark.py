"""How long a cycle takes, as multiples of F = `json.loads` of the same cells, measured in this very run.

    python -m tests.benchmark [--rows 50000] [--units 100]

Machines differ and are noisy; ratios to F travel. Memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from automation import cycle
from automation.adapters.default_config import default_tables
from automation.adapters.excel_workbook import ExcelWorkbook
from automation.adapters.mail_text import MailWriter
from automation.adapters.mail_transport import FileTransport
from automation.adapters.store import SqliteStore
from automation.clock import standing_clock
from automation.core.config import Config
from automation.core.config_reader import read_config, with_tab_titles
from automation.core.model import Snapshot, Unit
from automation.cycle import Mailing
from automation.demo.campaign import make_campaign
from automation.demo.run import fill, write_units
from automation.setting_up import set_up

NOW = datetime(2023, 4, 20, 8, 0)
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What `work` returns, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def loads_seconds(snapshot: Snapshot) -> float:
    """F: the fastest of three `json.loads` of all cells of the workbook."""
    cells = json.dumps([[list(row) for row in tab.rows] for tab in snapshot.tabs], default=str)
    return min(timed(lambda: json.loads(cells))[1] for _ in range(3))


def main() -> None:
    """Make the workbook, run a first and a quiet cycle, print the table."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    wanted.add_argument("--rows", type=int, default=50_000)
    wanted.add_argument("--units", type=int, default=100)
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), asked.units, asked.rows)


def measure(folder: Path, units: int, rows: int) -> None:
    """Print seconds and multiples of F for each step of two cycles on a workbook of that size."""
    config = read_config(default_tables())
    assert isinstance(config, Config)
    registry = with_tab_titles([Unit(f"u{n:03}", f"Đơn vị {n:03}", group="Bệnh viện") for n in range(units)])
    campaign = make_campaign(registry, rows, date(2023, 4, 20), seed=1)
    write_units(folder / "units.csv", campaign)
    book = ExcelWorkbook(folder / "book.xlsx")
    _, drawn = timed(lambda: set_up(book, folder / "units.csv"))
    _, filled = timed(lambda: fill(book, campaign, config))
    unit = loads_seconds(book.read())
    print(f"{rows} rows in {units} units; F = {unit:.3f} s; set up {drawn:.1f} s, typed in {filled:.1f} s")
    store = SqliteStore(folder / "state.sqlite3")
    for title in ("first cycle", "quiet cycle"):
        found, total = timed(
            lambda: cycle.run_cycle(
                book, store, Mailing(MailWriter(), FileTransport(folder / "mails")), standing_clock(NOW)
            )
        )
        print(f"{title}: {total:.1f} s, {found.cells_written} cells written, {found.queued} mails queued")
        for step, seconds in found.seconds.items():
            print(f"  {step:8} {seconds:7.2f} s  {seconds / unit:7.1f} F")
    store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
