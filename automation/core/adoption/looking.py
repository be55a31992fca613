"""What is proposed for a whole workbook: every tab that holds something of people's is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.adoption.proposal import Adoption, By, FieldColumn, RegistryStep, Spelling, TabProposal, UnitGuess
from automation.core.adoption.tables import LookedAt, look_at, tables_in, unreadable, with_spellings
from automation.core.adoption.whose import code_of, guess_unit
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tabs, impostors, is_copy
from automation.core.judging.lists.unit_table import people_above
from automation.core.judging.lists.unreadable import of_unit
from automation.core.judging.locating import Located, locate
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import Snapshot, Tab
from automation.core.reading.cells import fold
from automation.core.reading.shown import shown


class _Looked(Struct, frozen=True):
    tab: Tab
    unit: Unit | None
    """Whose tab it is by the registry."""
    tables: tuple[LookedAt, ...]

    @property
    def people(self) -> int:
        return sum(len(each.proposal.people) for each in self.tables)


def propose(snapshot: Snapshot, config: Config) -> Adoption:
    """Look at every tab and propose what it becomes. Nothing that is not sure is among what is to be done.

    `config`: as it stands in the workbook, or is shipped. What is shown is read as a later run will read it, with the
    headers that are to be remembered.
    """
    places = _places(snapshot, locate(snapshot, config), config)
    looked = [_Looked(tab, unit, tuple(_look(tab, config))) for tab, unit in places]
    spellings = _agreed(spelling for each in looked for table in each.tables for spelling in table.spellings)
    reading = with_spellings(config, spellings)
    if spellings:
        looked = [_Looked(each.tab, each.unit, tuple(_look(each.tab, reading))) for each in looked]
    filled = [each for each in looked if each.people or not _is_drawn_only(each)]
    found = {each.tab.key: _unit_of(each, config) for each in filled}
    steps = tuple(_registry_steps(filled, found, looked, config))
    tabs = tuple(_proposal(each, found[each.tab.key], steps, spellings, reading) for each in filled)
    empty = tuple(each.tab.title for each in looked if each not in filled)
    return Adoption(tabs, empty, spellings, steps)


def _places(snapshot: Snapshot, located: Located, config: Config) -> list[tuple[Tab, Unit | None]]:
    """Every tab that is not the bot's, with the unit that the registry gives it to."""
    owned = [(table.tab, config.units_by_code[table.unit]) for table in located.tables]
    owned += [(each.tab, each.unit) for each in located.unreadable if each.tab is not None]
    taken = {tab.key for tab, _ in owned} | {tab.key for tab in bot_tabs(snapshot).values()}
    taken |= {tab.key for tab, _ in impostors(snapshot, config.units, {tab.key for tab, _ in owned})}
    others = (tab for tab in snapshot.tabs if tab.key not in taken and not is_copy(tab))
    free = [(tab, None) for tab in others if tab.mistake is None and tab.rows]
    order = {tab.key: place for place, tab in enumerate(snapshot.all_tabs())}
    return sorted([*owned, *free], key=lambda each: order.get(each[0].key, len(order)))


def _look(tab: Tab, config: Config) -> Iterator[LookedAt]:
    for number, table in enumerate(tables_in(tab, config)):
        yield look_at(table, config, is_read=number == 0)


def _agreed(spellings: Iterator[Spelling]) -> tuple[Spelling, ...]:
    """Each header once, and none that is one field here and another there."""
    found: dict[str, dict[str, Spelling]] = {}
    for each in spellings:
        found.setdefault(fold(each.header), {}).setdefault(each.code, each)
    return tuple(next(iter(codes.values())) for codes in found.values() if len(codes) == 1)


def _is_drawn_only(looked: _Looked) -> bool:
    """Whether the tab is a unit's and nothing stands in it but headers of ours."""
    strangers = [column for each in looked.tables for column in each.proposal.strangers]
    others = [line for each in looked.tables for line in each.proposal.others]
    lists = bool(looked.tables) and all(each.proposal.is_list for each in looked.tables)
    return looked.unit is not None and lists and not strangers and not others


# --- whose they are ---------------------------------------------------------------------------------------


def _unit_of(looked: _Looked, config: Config) -> UnitGuess | None:
    if looked.unit is not None:
        title = looked.tab.title
        return UnitGuess(looked.unit.code, looked.unit.name, sure=True, told_by=title, is_registered=True)
    above = looked.tab.rows[: looked.tables[0].table.table.top - 1] if looked.tables else ()
    return guess_unit(looked.tab.title, above, config.units)


def _registry_steps(
    filled: Sequence[_Looked], found: Mapping[str, UnitGuess | None], looked: Sequence[_Looked], config: Config
) -> Iterator[RegistryStep]:
    """What the registry is to say of lists that it does not know, where that is sure and takes nothing from anybody."""
    listing = {each.tab.key for each in filled if each.people}
    claims = Counter(fold(guess.name) for key, guess in found.items() if guess and key in listing)
    units = config.units_by_code
    for each in filled:
        guess = found[each.tab.key]
        if guess is None or not _is_claim(each, guess, claims):
            continue
        if not guess.code:
            yield RegistryStep(code_of(guess.name, units), guess.name, each.tab.title, is_new=True)
        elif _is_free(units[guess.code], looked):
            title = units[guess.code].tab_title
            yield RegistryStep(guess.code, guess.name, each.tab.title, instead_of=title)


def _is_claim(looked: _Looked, guess: UnitGuess, claims: Mapping[str, int]) -> bool:
    """Whether the tab alone, with one list in it, names the unit."""
    lists = [each for each in looked.tables if each.proposal.people]
    return guess.sure and not guess.is_registered and claims[fold(guess.name)] == 1 and len(lists) == 1


def _is_free(unit: Unit, looked: Sequence[_Looked]) -> bool:
    """Whether nobody stands in the tab that the registry names, and nothing else of people's."""
    own = [each for each in looked if each.unit is unit]
    return not unit.workbook and all(_is_drawn_only(each) and not each.people for each in own)


# --- one tab ----------------------------------------------------------------------------------------------


def _proposal(
    looked: _Looked,
    guess: UnitGuess | None,
    steps: Sequence[RegistryStep],
    spellings: Sequence[Spelling],
    config: Config,
) -> TabProposal:
    tables = tuple(each.proposal for each in looked.tables)
    remembered = {fold(each.header) for each in spellings}
    tables = tuple(
        replace(table, columns=tuple(_by_words(column, remembered) for column in table.columns)) for table in tables
    )
    questions = (*_about_unit(looked, guess, steps), *_about_reading(looked, config))
    return TabProposal(looked.tab.title, guess, tables, questions)


def _by_words(column: FieldColumn, remembered: set[str]) -> FieldColumn:
    """A column that is known by what is to be remembered says so."""
    is_new = column.by is By.NAME and any(fold(each) in remembered for each in column.headers)
    return replace(column, by=By.WORDS) if is_new else column


def _about_unit(looked: _Looked, guess: UnitGuess | None, steps: Sequence[RegistryStep]) -> Iterator[Problem]:
    title = looked.tab.title
    if not looked.people or (guess and guess.is_registered) or any(step.tab == title for step in steps):
        return
    key = "unknown" if guess is None else "has_list" if guess.sure else "unsure"
    unit, said = (shown(guess.name), shown(guess.told_by)) if guess else ("", "")
    values = {"tab": shown(title), "unit": unit, "said": said}
    where = text("units.where_tab", tab=shown(title))
    yield Problem(where, text(f"adopt.unit.{key}.what", **values), text(f"adopt.unit.{key}.fix", **values))


def _about_reading(looked: _Looked, config: Config) -> Iterator[Problem]:
    """Why a cycle cannot read the tab of a unit even so, or not all of it; columns that are missing will be added."""
    if looked.unit is None:
        return
    found = [each for each in looked.tables if each.proposal.is_read and each.proposal.people]
    problem = unreadable(looked.unit, looked.tab, config) if not found or len(looked.tables) > 1 else None
    if problem is not None:
        yield problem
    for each in found:
        if lines := people_above(each.table, config):
            rows = ", ".join(map(str, lines))
            yield of_unit("people_above", looked.unit, rows=rows, first=each.table.table.top)
