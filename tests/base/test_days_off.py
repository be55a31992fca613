"""The calendar of Viet Nam is that of the package, and no other country is loaded for it."""

from __future__ import annotations

import subprocess
import sys

from holidays import country_holidays

from automation.base.days_off import holidays_of_viet_nam

YEARS = range(2015, 2041)


def test_the_days_are_those_of_the_package() -> None:
    ours, theirs = holidays_of_viet_nam(), country_holidays("VN", language="vi")
    for year in YEARS:
        assert (f"{year}-01-01" in ours, f"{year}-01-01" in theirs) == (True, True)
    assert dict(ours) == dict(theirs)
    assert ours.weekend_workdays == theirs.weekend_workdays


def test_no_other_country_is_loaded() -> None:
    asked = "import sys; from automation.base.days_off import holidays_of_viet_nam as h; h()"
    said = f"{asked}; print(*(name for name in sys.modules if name.startswith('holidays.countries')))"
    shown = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
