"""The requests of `spreadsheets.batchUpdate`: one function each, which takes the work and the checked body and gives
the reply. It raises `Refused` without the prefix that names the request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.emulator.refusals import Json
from tests.emulator.requests import cells, dimensions, moving, objects, rules, tabs
from tests.emulator.work import Work

Handler = Callable[[Work, Json], Json]

HANDLERS: Mapping[str, Handler] = {
    **cells.HANDLERS,
    **tabs.HANDLERS,
    **dimensions.HANDLERS,
    **moving.HANDLERS,
    **rules.HANDLERS,
    **objects.HANDLERS,
}
