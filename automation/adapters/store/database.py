"""A database that is created when something is first written, knows its version, and speaks of its troubles in
sentences that say what to do. Statements go through SQLAlchemy Core, the same to each kind of database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from automation.base.errors import TccbError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable, Table, TextClause

_Read = TypeVar("_Read")
Parameters = Mapping[str, Any]
Steps = Sequence[Sequence[str]]
_NONE: Parameters = {}


class Database(ABC):
    """One connection, opened when it is first needed; each statement holds at once, or in a `transaction`."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """True where nothing was ever written; asking creates nothing."""

    @abstractmethod
    def held_alone(self, what: str) -> AbstractContextManager[bool]:
        """Whether we are the only one, on whatever machine, that does `what` inside this block; who dies lets go."""

    def refresh(self) -> None:  # noqa: B027  # a file needs nothing of that
        """Let go of a connection that died while nobody used it, so that the next statement makes another; not while
        something is held by it.
        """

    @abstractmethod
    def empty_log(self) -> None:
        """Let what was overwritten not stay readable beside the tables, as far as that is ours to do."""

    @abstractmethod
    def compact(self) -> None:
        """Leave nothing in the tables of what was deleted."""

    @abstractmethod
    def damaged(self) -> TccbError:
        """For content that is not what was once written."""

    @abstractmethod
    def _opened(self) -> Connection:
        """A connection that commits each statement, to tables of this version."""

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction beside which there is no other that writes."""

    @abstractmethod
    def _is_in_transaction(self, connection: Connection) -> bool: ...

    @abstractmethod
    def _explained(self) -> AbstractContextManager[None]:
        """Errors that a person can mend become a `TccbError`."""

    def rows(self, statement: str, parameters: Parameters = _NONE) -> list[Any]:
        """Run one statement with its `:names`; all rows of its answer. A list stands for what follows an IN.

        Raises `TccbError` for what a person can mend.
        """
        lists = tuple(name for name, value in parameters.items() if isinstance(value, list) and name in statement)
        with self._explained():
            return self._executed(_read_once(statement, lists), parameters)

    def selected(self, table: Table) -> list[Parameters]:
        """All rows of a table, each value of its column's type."""
        with self._explained():
            return [dict(row._mapping) for row in self._executed(table.select())]

    def insert(self, table: Table, rows: Sequence[Parameters]) -> None:
        """Put rows that `selected` found elsewhere into a table that has none."""
        if rows:
            with self._explained():
                self._executed(table.insert().inline(), rows)

    def _executed(self, statement: Executable, parameters: Parameters | Sequence[Parameters] = _NONE) -> list[Any]:
        if self._connection is None:
            self._connection = self._opened()
        found = self._connection.execute(statement, parameters)
        return list(found.all()) if found.returns_rows else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens together or, where it raises, not at all. Waits for other writers."""
        self._begin()
        try:
            yield
            self.rows("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def close(self) -> None:
        """Let go of the database; using it again opens it again."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
            connection.engine.dispose()

    def decoded(self, decode: Callable[[Any], _Read], stored: object) -> _Read:
        """What `decode` makes of something stored. Raises `TccbError` where it is not what was once written."""
        try:
            return decode(stored)
        except (ValueError, TypeError):
            # Without the cause: it would repeat what is stored.
            raise self.damaged() from None

    def _roll_back(self) -> None:
        # A database has already done so after some errors, or is gone.
        if self._connection is not None and self._is_in_transaction(self._connection):
            self.rows("ROLLBACK")


@lru_cache(maxsize=256)
def _read_once(statement: str, lists: tuple[str, ...]) -> TextClause:
    from sqlalchemy import Text, bindparam, text  # who asks for help need not wait for it

    return text(statement).bindparams(*(bindparam(name, expanding=True, type_=Text()) for name in lists))
