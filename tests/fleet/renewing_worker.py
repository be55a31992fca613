"""A worker of a fleet for which so many seconds are a day: python -m tests.fleet.renewing_worker MOMENT SECONDS [gone]

MOMENT, in seconds since 1970, is when the first of its days began. `gone`: its interpreter is not where it was.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta, tzinfo

from automation.cli.fleet.commands import work
from automation.cli.watching.renewal import once_it_is_night
from automation.core.text.moments import VIET_NAM

FIRST_DAY = datetime(2023, 4, 20, 8, tzinfo=VIET_NAM)


def main(began: float, seconds_a_day: float) -> int:
    """As the command line calls it."""

    def clock(zone: tzinfo) -> datetime:
        return (FIRST_DAY + timedelta(days=(time.time() - began) / seconds_a_day)).astimezone(zone)

    return work(2, clock, None, once_it_is_night(clock))


if __name__ == "__main__":
    if "gone" in sys.argv:
        sys.executable += ".gone"
    sys.exit(main(float(sys.argv[1]), float(sys.argv[2])))
