"""What nobody foresaw, as a value: the unit that it concerns is left out, the others go on, and whoever keeps the log
notes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar

from msgspec import Struct, field

from automation.base.errors import TccbError
from automation.base.messages import text
from automation.core.model.problems import Problem

Made = TypeVar("Made")
Item = TypeVar("Item")


class Mistake(Struct, frozen=True):
    """An exception that is a mistake in the program, met in the work for one unit."""

    error: Exception
    unit: str = ""
    """Name of the unit; "" where it was work for all of them."""
    key: str = "not_judged"
    """Of the sentence about what was left out."""

    @property
    def problem(self) -> Problem:
        """What a person is told of it."""
        where = text("units.where_unit", unit=self.unit) if self.unit else text("units.where_everybody")
        what = text(f"units.unforeseen.{self.key}")
        return Problem(where=where, what=what, fix=text("units.unforeseen.fix"))


class Net(Struct):
    """Catches what nobody foresaw in a piece of work; what came before and what comes after is done."""

    key: str
    mistakes: list[Mistake] = field(default_factory=list)

    def collect(self, make: Callable[[], Iterable[Made]], unit: str = "") -> tuple[Made, ...]:
        """All that `make` gives; nothing of it where it raises. `unit`: the name of the one it is for."""
        try:
            return tuple(make())
        except TccbError:
            raise
        except Exception as error:
            self.mistakes.append(Mistake(error, unit, self.key))
            return ()

    def collect_each(
        self,
        make: Callable[[Sequence[Item]], Iterable[Made]],
        items: Sequence[Item],
        unit_of: Callable[[Item], str],
    ) -> tuple[Made, ...]:
        """All that `make` gives of the items in one go; where that raises, of each of them alone that can be made.

        `unit_of`: the name of the unit that an item is for.
        """
        try:
            return tuple(make(items))
        except TccbError:
            raise
        except Exception:
            alone = (self.collect(partial(make, [item]), unit_of(item)) for item in items)
            return tuple(chain.from_iterable(alone))
