"""Which unit a list is of: by the title of its tab and the lines above it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from automation.core.adoption.proposal import UnitGuess
from automation.core.model.units import Unit
from automation.core.model.workbook import Row
from automation.core.reading.cells import as_text, bare, is_blank
from automation.core.reading.suggestions import nearest, words_of

_LEAST_WORDS = 3
"""Of a name that the registry has not: "Bệnh viện" alone is nobody's."""
_LONGEST = 120
_LONGEST_CODE = 40


def guess_unit(title: str, above: Sequence[Row], units: Sequence[Unit]) -> UnitGuess | None:
    """The unit that the title or a line above names, the longest name first.

    Sure where the name stands there as a whole, with its marks, and no other unit's name begins with it. Two units
    named, or none: None, or a guess that is not sure.
    """
    texts = [title, *(as_text(cell) for row in above for cell in row if isinstance(cell, str) and not is_blank(cell))]
    found = [guess for typed in texts if (guess := _named_in(typed[:_LONGEST], units))]
    codes = dict.fromkeys(guess.code for guess in found)
    if len(codes) == 1:
        return max(found, key=lambda guess: guess.sure)
    if codes:
        return UnitGuess(found[0].code, found[0].name, sure=False, told_by=found[0].told_by)
    return next(_new_units(texts[1:], units), None)


def _named_in(typed: str, units: Sequence[Unit]) -> UnitGuess | None:
    plain = _plain(typed)
    named = [(name, unit) for unit in units for name in _names(unit) if f" {_plain(name)} " in f" {plain} "]
    if not named:
        return None
    name, unit = max(named, key=lambda each: len(_plain(each[0])))
    return UnitGuess(unit.code, unit.name, _is_whole(typed, name, unit, units), typed)


def _names(unit: Unit) -> Iterator[str]:
    """Names of one word tell nothing inside a sentence."""
    return (name for name in (unit.name, unit.tab_title) if len(words_of(name)) > 1)


def _is_whole(typed: str, name: str, unit: Unit, units: Sequence[Unit]) -> bool:
    """Whether the text says just that name: with its marks, at its end, and no longer name begins with it."""
    plain = _plain(name)
    longer = any(_plain(each).startswith(f"{plain} ") for other in units if other is not unit for each in _names(other))
    marked = " ".join(words_of(name)) in " ".join(words_of(typed))
    return not longer and marked and _plain(typed).endswith(plain)


def _plain(typed: str) -> str:
    return " ".join(words_of(bare(typed)))


def _new_units(texts: Sequence[str], units: Sequence[Unit]) -> Iterator[UnitGuess]:
    """Names that begin as those of the registry do and stand in none of its lines; not sure where one is like it."""
    kinds = {" ".join(_plain(unit.name).split()[:2]) for unit in units}
    for typed in texts:
        words = _plain(typed).split()
        if len(words) >= _LEAST_WORDS and " ".join(words[:2]) in kinds:
            like = nearest(typed, [unit.name for unit in units])
            yield UnitGuess("", typed.strip(), sure=like is None, told_by=typed)


def code_of(name: str, taken: Collection[str]) -> str:
    """A code for a new unit, made of its name; with a number where another unit has it."""
    code = "-".join(_plain(name).split())[:_LONGEST_CODE].strip("-")
    numbered = (f"{code}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (code, *numbered) if each not in taken)
