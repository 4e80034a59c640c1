"""One database that this tool writes into: its transactions, and its errors in the tool's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from etl.connect.sql.engine import driver_message, open_engine, shown
from etl.connect.sql.refusal import names_in, verdict, without_values
from etl.connect.sql.retry import transact
from etl.errors import CleanupError, SourceError, TargetError

T = TypeVar("T")
FAILED: dict[str, type[CleanupError]] = {"source": SourceError, "target": TargetError}


class Database:
    """A connection's engine with what its errors mean. role: whether the config calls it source or target."""

    def __init__(
        self, url: str, role: Literal["source", "target"], *, connect_args: dict[str, Any] | None = None
    ) -> None:
        self.url, self._role = url, role
        self.engine = open_engine(url, connect_args=connect_args)
        self.dialect = self.engine.dialect
        self.errors = (sa.exc.DBAPIError, self.dialect.loaded_dbapi.Error)  # COPY's come as the driver raises them

    @property
    def where(self) -> str:
        """Who and where, without a secret."""
        return shown(self.url)

    def transact(
        self,
        work: Callable[[sa.Connection], T],
        confirm_lock: Callable[[], None],
        refused: Callable[[str], Exception],
        names: Callable[[], frozenset[str]] = frozenset,
    ) -> T:
        """Do some work in one transaction, and again where bad luck ended it.

        refused: makes the error for rows that the database does not take, of its reason. names: what that reason may
        name as it is. Raises SourceError or TargetError for all other errors.
        """
        try:
            return transact(self.engine, self.errors, work, confirm_lock)
        except self.errors as error:
            if verdict(error, self.dialect.name) == "refused":
                raise refused(self.reason(error, names())) from None
            raise self.failed("written", error) from None

    def reason(self, error: BaseException, names: frozenset[str] = frozenset()) -> str:
        """The database's own words for an error, without a value. names: what they may name as it is."""
        return without_values(driver_message(error, self.url), names | names_in(error))

    @contextmanager
    def translated(self, doing: str) -> Iterator[None]:
        """Raise SourceError or TargetError for what the driver raises. doing: what was being done, as `read`."""
        try:
            yield
        except self.errors as error:
            raise self.failed(doing, error) from None

    def failed(self, doing: str, error: BaseException) -> CleanupError:
        """The tool's error for one of the driver's."""
        return FAILED[self._role](
            f"The {self._role} cannot be {doing}: {driver_message(error, self.url)}.",
            where=self.where,
            next="check the server, the network and the user's rights, and run the command again",
        )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
