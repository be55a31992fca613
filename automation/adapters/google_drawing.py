"""Draws tabs as their looks say into a Google spreadsheet: what differs is put right, everything else stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from automation.adapters.google_draw_cells import Request, draw_cells
from automation.adapters.google_draw_charts import draw_charts
from automation.adapters.google_draw_colours import draw_colours
from automation.adapters.google_draw_protection import Restriction, closed_to_us, is_left_open, restrict, warn
from automation.adapters.google_draw_tabs import add_tab, draw_grid, draw_merges, draw_sizes, new_tab
from automation.adapters.google_present import Api, Present, PresentTab, folded, is_default_tab, read_present
from automation.core.look import TabLook
from automation.errors import CannotStart, RequestRefused, WorkbookUnavailable
from automation.texts import text

PROPERTIES = {"locale": "vi_VN", "timeZone": "Asia/Ho_Chi_Minh"}
"""How the spreadsheet reads what people type: day first, comma for decimals."""
MOST_BYTES = 2_000_000
"""Of one batch, as Google recommends."""
MOST_REQUESTS = 2_500
"""Of one batch, which Google has to be through with in three minutes."""
ATTEMPTS = 3
"""How often we look again after a request of which nobody knows what became of it."""
LONGEST_TITLE = 100
_MOST_NAMED = 10


@dataclass(frozen=True)
class Drawing:
    """What it takes to make a spreadsheet look as it should."""

    requests: tuple[Request, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    """To be made last: they name people, whom Google may not know."""
    remarks: tuple[str, ...] = ()
    """Sentences for the person who asked."""


def draw(
    api: Api, spreadsheet_id: str, looks: Sequence[TabLook], bot: str = "", admins: Sequence[str] = ()
) -> Sequence[str]:
    """Create the tabs that are missing and make every one look as described; no other cell is touched.

    `bot`: the address of the account we work as, "" where it has none. `admins`: addresses that may edit every tab.
    Answers with remarks for the person who asked. Raises CannotStart for the title of a tab that Google does not
    allow, and what the API raises; drawing again goes on where it stopped.
    """
    for attempt in range(1, ATTEMPTS + 1):
        drawing = drawing_requests(looks, read_present(api, spreadsheet_id, looks), bot, admins)
        try:
            for portion in portions(drawing.requests):
                _post(api, spreadsheet_id, portion)
            refused = _restrict(api, spreadsheet_id, drawing.restrictions)
        except WorkbookUnavailable as error:
            if not error.may_have_happened or attempt == ATTEMPTS:
                raise
        else:
            return (*drawing.remarks, *_remark("not_restricted", refused))
    raise AssertionError(ATTEMPTS)


def _restrict(api: Api, spreadsheet_id: str, restrictions: Sequence[Restriction]) -> list[str]:
    """Make them all, in as few requests as the refused ones allow; answers with the tabs of those."""
    if not restrictions:
        return []
    try:
        _post(api, spreadsheet_id, [each.request for each in restrictions])
    except RequestRefused:
        if len(restrictions) == 1:
            return [restrictions[0].tab]
        half = len(restrictions) // 2
        halves = (restrictions[:half], restrictions[half:])
        return [tab for part in halves for tab in _restrict(api, spreadsheet_id, part)]
    return []


def _post(api: Api, spreadsheet_id: str, requests: Sequence[Request]) -> None:
    """Adding something twice would be seen, so a request that may have taken effect is never simply repeated."""
    api.post(f"{spreadsheet_id}:batchUpdate", {"requests": requests}, {"fields": "spreadsheetId"}, repeatable=False)


def portions(
    requests: Iterable[Request], most_bytes: int = MOST_BYTES, most: int = MOST_REQUESTS
) -> Iterator[list[Request]]:
    """The requests in order, as many together as stay within `most_bytes` and are not more than `most`."""
    portion: list[Request] = []
    size = 0
    for request in requests:
        needed = len(json.dumps(request)) + 2
        if portion and (size + needed > most_bytes or len(portion) == most):
            yield portion
            portion, size = [], 0
        portion.append(request)
        size += needed
    if portion:
        yield portion


def drawing_requests(looks: Sequence[TabLook], present: Present, bot: str = "", admins: Sequence[str] = ()) -> Drawing:
    """The requests that turn `present` into the looks: none where everything is as it should be.

    Raises CannotStart for the title of a tab that Google does not allow.
    """
    canvases, added = _canvases(looks, present)
    requests = [*_properties(present), *added]
    restrictions: list[Restriction] = []
    closed, left_open = [], []
    for canvas in canvases:
        if closed_to_us(canvas.look, canvas.tab):
            closed.append(canvas.tab.title)
            continue
        requests += _draw_tab(canvas)
        restrictions += restrict(canvas.look, canvas.tab, [*admins, bot])
        if is_left_open(canvas.look, canvas.tab):
            left_open.append(canvas.tab.title)
    requests += _removals(looks, present)
    remarks = (*_remark("closed", closed, account=bot or text("google_drawing.account")), *_remark("open", left_open))
    return Drawing(tuple(requests), tuple(restrictions), remarks)


@dataclass(frozen=True)
class _Canvas:
    """A look and the tab to draw it on."""

    look: TabLook
    tab: PresentTab
    is_new: bool


def _canvases(looks: Sequence[TabLook], present: Present) -> tuple[list[_Canvas], list[Request]]:
    """The tab of each look, and the requests that add those that are missing: each behind the one before it."""
    order = [tab.sheet_id for tab in present.tabs]
    canvases: list[_Canvas] = []
    added: list[Request] = []
    place = 0
    for look in looks:
        tab = present.tab(look.title)
        if tab is None:
            canvases.append(_Canvas(look, _checked(new_tab(look, order)), is_new=True))
            added.append(add_tab(canvases[-1].tab, place))
            order.insert(place, canvases[-1].tab.sheet_id)
        elif tab.has_grid:
            canvases.append(_Canvas(look, tab, is_new=False))
        else:
            raise CannotStart(text("google_drawing.title_of_chart", title=tab.title))
        place = order.index(canvases[-1].tab.sheet_id) + 1
    return canvases, added


def _checked(tab: PresentTab) -> PresentTab:
    if len(tab.title) > LONGEST_TITLE:
        raise CannotStart(text("google_drawing.bad_title", title=tab.title))
    return tab


def _draw_tab(canvas: _Canvas) -> Iterator[Request]:
    look, tab = canvas.look, canvas.tab
    if not canvas.is_new:
        yield from draw_grid(look, tab)
    yield from draw_cells(look, tab)
    yield from draw_sizes(look, tab, canvas.is_new)
    yield from draw_merges(look, tab)
    yield from draw_colours(look, tab)
    yield from draw_charts(look, tab)
    yield from warn(look, tab)


def _properties(present: Present) -> Iterator[Request]:
    found = {"locale": present.locale, "timeZone": present.time_zone}
    changes = {name: value for name, value in PROPERTIES.items() if found[name] != value}
    if changes:
        yield {"updateSpreadsheetProperties": {"properties": changes, "fields": ",".join(changes)}}


def _removals(looks: Sequence[TabLook], present: Present) -> Iterator[Request]:
    """The blank tab that every new spreadsheet has would only be in the way."""
    wanted = {folded(look.title) for look in looks}
    for tab in present.tabs if looks else ():
        if is_default_tab(tab) and tab.is_untouched and folded(tab.title) not in wanted:
            yield {"deleteSheet": {"sheetId": tab.sheet_id}}


def _remark(kind: str, titles: Sequence[str], **values: object) -> Iterator[str]:
    """One sentence for all the tabs it is about."""
    if titles:
        named = ", ".join(titles[:_MOST_NAMED])
        if len(titles) > _MOST_NAMED:
            named = text("google_drawing.and_more", tabs=named, count=len(titles) - _MOST_NAMED)
        yield text(f"google_drawing.{kind}", tabs=named, **values)
