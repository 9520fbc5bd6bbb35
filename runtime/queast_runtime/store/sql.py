"""Statements that both dialects speak, and the access through which they run.

Statements are SQL text with `:name` parameters rather than built expressions: at thousands of events a second the
building and compiling of expressions cost more than the statements. Only types that need no conversion are used:
whole numbers (times are microseconds since 1970 in UTC, truths are 0 and 1), text and bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

import orjson

from queast_runtime.ports.edge import Sealer

Dialect = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")
_IN_LIST = re.compile(r"\{in:([a-z_]+)\}")


def to_us(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z. Raises TypeError for a naive time."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_us(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def to_us_or_none(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def from_us_or_none(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


class Cursor(Protocol):
    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...

    def executemany(self, query: Any, params_seq: Any, /) -> Any: ...


class Connection(Protocol):
    """What `sqlite3` and `psycopg` connections have in common, in autocommit: transactions are statements here."""

    def execute(self, query: Any, params: Any = ..., /) -> Cursor: ...

    def cursor(self) -> Cursor: ...

    def close(self) -> None: ...


class Sql:
    """One statement, `:name` for parameters, turned into a driver's own form once.

    `{in:name}` in the text becomes the one difference between the dialects: a test against a list, which is given as
    `in_list` makes it.
    """

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, text: str) -> None:
        self.sqlite = _IN_LIST.sub(r"IN (SELECT value FROM json_each(:\1))", text)
        listed = _IN_LIST.sub(r"= ANY(:\1)", text)
        self.postgresql = _PARAMETER.sub(r"%(\1)s", listed.replace("%", "%%"))


@dataclass(frozen=True, slots=True)
class Access:
    """A connection inside a transaction, its dialect, and the sealer for what it stores."""

    connection: Connection
    dialect: Dialect
    sealer: Sealer

    def _run(self, sql: Sql, params: Mapping[str, Any]) -> Cursor:
        return self.connection.execute(sql.sqlite if self.dialect == "sqlite" else sql.postgresql, params)

    def all(self, sql: Sql, **params: Any) -> list[Row]:
        return self._run(sql, params).fetchall()

    def one(self, sql: Sql, **params: Any) -> Row | None:
        return self._run(sql, params).fetchone()

    def in_list(self, values: Iterable[str]) -> Any:
        """The parameter of an `{in:name}`."""
        return orjson.dumps(list(values)).decode() if self.dialect == "sqlite" else list(values)

    def change_each(self, sql: Sql, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that returns no rows once for each set of parameters, sent together."""
        if rows:
            self.connection.cursor().executemany(sql.sqlite if self.dialect == "sqlite" else sql.postgresql, rows)

    def change(self, sql: Sql, **params: Any) -> int:
        """Run a statement that returns no rows; how many it changed."""
        return self._run(sql, params).rowcount
