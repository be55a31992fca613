"""The public holidays of Viet Nam, out of the package `holidays`."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase


def holidays_of_viet_nam() -> HolidayBase:
    """The calendar, which fills in each year that it is asked for.

    Its module alone is run: asked by its usual way, the package runs those of 250 other countries first, which takes
    as long as all else that it does.
    """
    import holidays  # few commands ask for a working day

    place = f"{holidays.__path__[0]}/countries/vietnam.py"
    alone = spec_from_file_location("automation.base.days_off.vietnam", place)
    if alone is None or alone.loader is None:
        return holidays.country_holidays("VN", language="vi")
    module = module_from_spec(alone)
    try:
        alone.loader.exec_module(module)
        calendar: HolidayBase = module.Vietnam(language="vi")
    except (OSError, AttributeError):
        return holidays.country_holidays("VN", language="vi")
    return calendar
