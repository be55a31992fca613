"""A worker for which three seconds are a day: python -m tests.cli.renewing_worker BOOK MOMENT [takes-over] [gone]

MOMENT, in seconds since 1970, is when the first of its days began. `gone`: its interpreter is not where it was.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta, tzinfo

from automation.cli.commands import run_worker
from automation.cli.watching.renewal import once_it_is_night
from automation.core.text.moments import VIET_NAM

SECONDS_A_DAY = 3.0
FIRST_DAY = datetime(2023, 4, 20, 8, tzinfo=VIET_NAM)


def main(book: str, began: float, *, takes_over: bool) -> int:
    """As the command line calls it."""

    def clock(zone: tzinfo) -> datetime:
        return (FIRST_DAY + timedelta(days=(time.time() - began) / SECONDS_A_DAY)).astimezone(zone)

    return run_worker(book, clock, mail=True, takes_over=takes_over, is_over=once_it_is_night(clock))


if __name__ == "__main__":
    if "gone" in sys.argv:
        sys.executable += ".gone"
    sys.exit(main(sys.argv[1], float(sys.argv[2]), takes_over="takes-over" in sys.argv))
