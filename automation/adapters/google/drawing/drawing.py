"""Draws tabs as their looks say into a Google spreadsheet: what differs is put right, everything else stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from gspread import Spreadsheet
from msgspec import Struct, field
from msgspec.structs import replace

from automation.adapters.google.api.values import cells_of_values
from automation.adapters.google.drawing.above import LineAbove, lines_above, make_known, write_above
from automation.adapters.google.drawing.anchors import set_anchors, touch
from automation.adapters.google.drawing.cells import Request, draw_cells, make_room, new_values
from automation.adapters.google.drawing.charts import draw_charts
from automation.adapters.google.drawing.conditional_formats import draw_colours
from automation.adapters.google.drawing.present import Present, PresentTab, folded, is_default_tab
from automation.adapters.google.drawing.protection import (
    closed_to_us,
    is_left_open,
    no_longer_let_in,
    restrict,
    strangers,
    warn,
)
from automation.adapters.google.drawing.reading import Api, read_present
from automation.adapters.google.drawing.tabs import add_tab, draw_grid, draw_merges, draw_sizes, new_tab
from automation.adapters.google.drawing.tags import TAG, keep
from automation.base.errors import CannotStart, RequestRefused, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.layout import CellLook, Format, Link, Protection, TabLook
from automation.core.model.workbook import Anchor, DrawOutcome, is_of_line
from automation.core.text.moments import VIET_NAM

PROPERTIES = {"locale": "vi_VN", "timeZone": VIET_NAM.key}
"""How the spreadsheet reads what people type: day first, comma for decimals."""
MOST_BYTES = 2_000_000
"""Of one batch, as Google recommends."""
MOST_REQUESTS = 2_500
"""Of one batch, which Google has to be through with in three minutes."""
ATTEMPTS = 3
"""How often we look again after a batch of which nobody knows what became of it."""
MOST_REFUSALS = 10
"""Tabs that are found out one by one; where Google refuses more, the rest waits for the next drawing."""
LONGEST_TITLE = 100
_MOST_NAMED = 10


class TabRequests(Struct, frozen=True):
    """Requests about one tab that only make sense together."""

    tab: str
    requests: tuple[Request, ...]


class Drawing(Struct, frozen=True):
    """What it takes to make a spreadsheet look as it should, in this order."""

    setup: tuple[Request, ...] = ()
    """Language and clock, and which tabs there are."""
    tabs: tuple[TabRequests, ...] = ()
    restrictions: tuple[TabRequests, ...] = ()
    """Who may edit what: they name people, whom Google may not know."""
    remarks: tuple[str, ...] = ()
    """Sentences for the person who asked."""
    above: tuple[LineAbove, ...] = ()
    """Lines above the headers of people's tabs into which something is written at last."""
    moved: tuple[str, ...] = ()
    """Tabs that are left alone, for people have moved their headers since the looks were planned."""
    closed: tuple[str, ...] = ()
    """Tabs that somebody keeps us out of."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """All of them in order."""
        later = (request for part in (*self.tabs, *self.restrictions) for request in part.requests)
        return (*self.setup, *later)

    def of_tabs(self, titles: Collection[str]) -> tuple[TabRequests, ...]:
        """What it takes in these tabs, but for who may edit them."""
        return tuple(part for part in self.tabs if part.tab in titles)


def draw(
    api: Api, spreadsheet_id: str, looks: Sequence[TabLook], bot: str = "", known: Sequence[PresentTab] = ()
) -> DrawOutcome:
    """Create the tabs that are missing and make every one look as described; no other cell is touched.

    `bot`: the address of the account we work as, "" where it has none. `known`: as in `read_present`.
    Answers with remarks for the person who asked. Raises CannotStart for the title of a tab that Google does not
    allow, and what the API raises; drawing again goes on where it stopped.
    """
    said: dict[str, None] = {}
    changed = False
    done, refused = _Done(), tuple[TabRequests, ...]()
    for attempt in range(1, ATTEMPTS + 1):
        drawing = drawing_requests(looks, read_present(api, spreadsheet_id, looks, known), bot)
        said |= dict.fromkeys(drawing.remarks)
        changed = changed or bool(drawing.requests)
        if done.refused and refused == drawing.of_tabs(done.refused):
            break  # nobody was faster: that is what Google takes from nobody
        try:
            done = _carry_out(drawing, api, spreadsheet_id)
        except WorkbookUnavailable as error:
            if not error.may_have_happened or attempt == ATTEMPTS:
                raise
            continue
        refused = drawing.of_tabs(done.refused)
        if done.moved == [*drawing.moved] and not refused:
            break
    undrawn = bool(drawing.closed or done.refused or done.moved)
    return DrawOutcome((*said, *done.remarks()), changed=changed, unfinished=undrawn)


class _Done(Struct):
    """What became of a drawing."""

    refused: dict[str, str] = field(default_factory=dict)
    """Tabs that Google does not let us change, with what it says."""
    not_restricted: dict[str, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    """Tabs in which people moved something."""

    def remarks(self) -> Iterator[str]:
        for kind, tabs in (("refused", self.refused), ("not_restricted", self.not_restricted)):
            yield from _remark(kind, list(tabs), reason=next(filter(None, tabs.values()), ""))
        yield from _remark("moved", self.moved)


def _carry_out(drawing: Drawing, api: Api, spreadsheet_id: str) -> _Done:
    """Post it; one tab that Google does not let us change keeps none of the others back."""
    spreadsheet = api.spreadsheet(spreadsheet_id)
    if drawing.setup:
        _post(spreadsheet, drawing.setup)
    done = _Done(_posted(spreadsheet, drawing.tabs), _posted(spreadsheet, drawing.restrictions), [*drawing.moved])
    lines = [line for line in drawing.above if line.tab.title not in done.refused]
    for each in write_above(api, spreadsheet_id, lines):
        if each.refusal:
            done.refused[each.tab] = each.refusal
        else:
            done.moved.append(each.tab)
    return done


def _posted(spreadsheet: Spreadsheet, parts: Sequence[TabRequests]) -> dict[str, str]:
    """The tabs that Google refused, with what it says."""
    posting = _Posting(spreadsheet)
    for portion in portions(parts):
        posting.post(portion)
    return posting.refused


class _Posting:
    """Posts the requests of tabs together, and narrows down which of them Google refuses."""

    def __init__(self, spreadsheet: Spreadsheet) -> None:
        self._spreadsheet = spreadsheet
        self.refused: dict[str, str] = {}

    def post(self, parts: Sequence[TabRequests]) -> None:
        if len(self.refused) >= MOST_REFUSALS:
            self.refused |= dict.fromkeys([part.tab for part in parts], "")
            return
        try:
            _post(self._spreadsheet, [request for part in parts for request in part.requests])
        except RequestRefused as error:
            if len(parts) == 1:
                self.refused[parts[0].tab] = str(error)
                return
            half = len(parts) // 2
            self.post(parts[:half])
            self.post(parts[half:])


def _post(spreadsheet: Spreadsheet, requests: Sequence[Request]) -> None:
    """Adding something twice would be seen, so a batch that may have taken effect is never simply repeated."""
    spreadsheet.batch_update({"requests": requests})


def portions(
    parts: Iterable[TabRequests], most_bytes: int = MOST_BYTES, most: int = MOST_REQUESTS
) -> Iterator[list[TabRequests]]:
    """The tabs in order, as many together as stay within `most_bytes` and have no more than `most` requests."""
    portion: list[TabRequests] = []
    size = count = 0
    for part in parts:
        needed = len(json.dumps(part.requests))
        if portion and (size + needed > most_bytes or count + len(part.requests) > most):
            yield portion
            portion, size, count = [], 0, 0
        portion.append(part)
        size, count = size + needed, count + len(part.requests)
    if portion:
        yield portion


def drawing_requests(looks: Sequence[TabLook], present: Present, bot: str = "") -> Drawing:
    """The requests that turn `present` into the looks: none where everything is as it should be.

    Raises CannotStart for the title of a tab that Google does not allow.
    """
    gone = [look.title for look in looks if look.headers_seen and present.tab(look.title) is None]
    canvases, added = _canvases([look for look in looks if look.title not in gone], present)
    canvases = _linked(canvases)
    setup = (*_properties(present), *added, *_removals(looks, present))
    closed = [canvas.tab.title for canvas in canvases if closed_to_us(canvas.look, canvas.tab)]
    left_open = [canvas.tab.title for canvas in canvases if is_left_open(canvas.look, canvas.tab)]
    moved = [*gone, *(canvas.tab.title for canvas in canvases if not canvas.is_as_planned)]
    ours = [canvas for canvas in canvases if canvas.tab.title not in (*closed, *moved)]
    removed = _named_by_tab((c.tab.title, no_longer_let_in(c.look, c.tab, [bot])) for c in ours)
    others = _named_by_tab((c.tab.title, strangers(c.look, c.tab, [bot])) for c in ours)
    return Drawing(
        setup,
        _by_tab(ours, _draw_tab),
        _by_tab(ours, lambda canvas: restrict(canvas.look, canvas.tab, [bot])),
        (
            *_remark("closed", closed, account=bot or text("google_drawing.account")),
            *_remark("open", left_open),
            *_remark("let_out", removed),
            *_remark("strangers", others),
        ),
        tuple(line for canvas in ours if not canvas.is_new for line in lines_above(canvas.look, canvas.tab)),
        tuple(moved),
        tuple(closed),
    )


def _named_by_tab(found: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """ "Trang (địa chỉ, địa chỉ)" for each tab that has any."""
    return [f"{title} ({', '.join(addresses)})" for title, addresses in found if addresses]


class _Canvas(Struct, frozen=True):
    """A look and the tab to draw it on."""

    look: TabLook
    tab: PresentTab
    is_new: bool

    @property
    def is_as_planned(self) -> bool:
        """Whether the headers still stand where they stood when the look was planned: it names cells by number."""
        named = {each.column for each in self.look.columns}  # what a pivot table shows beside them nobody entered
        headers = enumerate(self.look.headers_seen, start=1)
        seen = {column: cell for column, cell in headers if isinstance(cell, str) and column in named}
        stands = all(self._still_shows(column, cell) for column, cell in seen.items())
        return self.is_new or (stands and not any(map(self._has_moved, self.look.anchors)))

    def _has_moved(self, anchor: Anchor) -> bool:
        """Whether the column stands elsewhere by now, and another under its header where it stood: whoever plans finds
        the one that is known by its identity.
        """
        there, row = self.tab.anchors.get(anchor.code, anchor.place), self.look.header_row
        is_column = not is_of_line(anchor.code) and there != anchor.place
        header = self.tab.value(row, there) if is_column else {}
        return bool(header) and header == self.tab.value(row, anchor.place)

    def _still_shows(self, column: int, cell: str) -> bool:
        value = self.tab.value(self.look.header_row, column)
        if "stringValue" in value:
            return cells_of_values([value["stringValue"]]) == [cell]
        if "errorValue" in value:
            return True
        places = ((row, left) for row in range(1, self.look.header_row + 1) for left in range(1, column + 1))
        # What a formula shows, or one before it that fills more than its own cell, nobody entered.
        return any("formulaValue" in self.tab.value(*place) for place in places)


def _canvases(looks: Sequence[TabLook], present: Present) -> tuple[list[_Canvas], list[Request]]:
    """The tab of each look, and the requests that add those that are missing: each behind the one before it."""
    order = [tab.sheet_id for tab in present.tabs]
    canvases: list[_Canvas] = []
    added: list[Request] = []
    place = 0
    for look in looks:
        tab = present.tab(look.title)
        if tab is None:
            beside = present.tab(look.behind) if look.behind else None
            place = order.index(beside.sheet_id) + 1 if beside else place
            canvases.append(_Canvas(look, _checked(new_tab(look, order)), is_new=True))
            added.append(add_tab(canvases[-1].tab, place))
            order.insert(place, canvases[-1].tab.sheet_id)
        elif tab.has_grid:
            canvases.append(_Canvas(look, tab, is_new=False))
        else:
            raise CannotStart(text("google_drawing.title_of_chart", title=tab.title))
        place = order.index(canvases[-1].tab.sheet_id) + 1
    return canvases, added


def _linked(canvases: Sequence[_Canvas]) -> list[_Canvas]:
    """With links to tabs as addresses within the spreadsheet; what a number would have to bear stands beside it."""
    ids = {folded(canvas.look.title): canvas.tab.sheet_id for canvas in canvases}

    def address(link: Link) -> Link:
        sheet_id = ids.get(folded(link.tab))
        if link.address or sheet_id is None:
            return link
        return replace(link, address=f"#gid={sheet_id}" + (f"&range=A{link.row}" if link.row > 1 else ""))

    def look(canvas: _Canvas) -> TabLook:
        drawn = (_on_a_text(cell) for cell in canvas.look.cells)
        cells = (replace(cell, opens=address(cell.opens)) if cell.opens else cell for cell in drawn if cell.column)
        return replace(canvas.look, cells=tuple(cells))

    return [replace(canvas, look=look(canvas)) for canvas in canvases]


def _on_a_text(cell: CellLook) -> CellLook:
    """In column 0 where no text bears its link."""
    if cell.opens and cell.format is Format.INTEGER:
        return replace(cell, column=cell.text_column, format=Format.TEXT)
    return cell


def _checked(tab: PresentTab) -> PresentTab:
    if len(tab.title) > LONGEST_TITLE:
        raise CannotStart(text("google_drawing.bad_title", title=tab.title))
    return tab


def _if_none_is_lost(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What makes Google refuse all that is asked of a tab of people's where it has lost a row or a column since it was
    read: a header that is put back, or cells that are merged, would meet others.
    """
    spoils = look.protection is Protection.OPEN and (any(draw_merges(look, tab)) or new_values(look, tab))
    for dimension, last in (("ROWS", tab.rows), ("COLUMNS", tab.columns)) if spoils else ():
        yield from touch(tab.sheet_id, dimension, last)


def _by_tab(
    canvases: Iterable[_Canvas], requests_of: Callable[[_Canvas], Iterable[Request]]
) -> tuple[TabRequests, ...]:
    parts = (TabRequests(canvas.tab.title, tuple(requests_of(canvas))) for canvas in canvases)
    return tuple(part for part in parts if part.requests)


def _draw_tab(canvas: _Canvas) -> Iterator[Request]:
    look, tab = canvas.look, canvas.tab
    if not canvas.is_new:
        yield from _if_none_is_lost(look, tab)
        yield from draw_grid(look, tab)
        yield from make_room(look, tab)
    yield from draw_cells(look, tab, canvas.is_new)
    yield from draw_sizes(look, tab, canvas.is_new)
    yield from draw_merges(look, tab)
    yield from draw_colours(look, tab)
    yield from draw_charts(look, tab)
    yield from warn(look, tab)
    yield from keep(tab.sheet_id, TAG, tab.tag, look.tag)
    moved = [each for each in look.anchors if tab.anchors.get(each.code) != each.place]
    yield from set_anchors(tab.sheet_id, moved, list(tab.anchors))
    yield from make_known([] if canvas.is_new else lines_above(look, tab))


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
