"""How each database is opened and how its transactions begin. Everything else is the same SQL on both."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from queast_runtime.ports.rows import StoreBusy
from queast_runtime.store.draining import DrainLock, lock_file, lock_session
from queast_runtime.store.sql import Connection, Dialect

_AGAIN_S = 0.02
BUSY_TIMEOUT_S = 30.0
_LASTING: Final = ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")
_PASSING: Final = ("synchronous = OFF", "foreign_keys = ON", "secure_delete = OFF")
# One writer at a time on PostgreSQL too: heads and positions are decided by reading first. The number is arbitrary.
_WRITER_LOCK = 7_203_118_945_110_331


@dataclass(frozen=True, slots=True)
class Database:
    """`begin_write` and `begin_read` are run in order at the start of a transaction."""

    url: URL
    dialect: Dialect
    connect: Callable[[], Connection]
    begin_write: tuple[str, ...]
    begin_read: tuple[str, ...]
    lock_drain: Callable[[str, str], DrainLock]


def database(url: str, *, lasting: bool = True) -> Database:
    """`sqlite:////absolute/path.db` or `postgresql://…`. Raises ValueError for anything else.

    One that is not `lasting` is thrown away by who opens it: nothing waits until a disk has it.
    """
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, lasting=lasting)
        case "postgresql":
            return _postgresql(parsed)
        case other:
            raise ValueError(f'the store cannot live in "{other}"; use sqlite or postgresql')


def _sqlite(url: URL, *, lasting: bool) -> Database:
    if not url.database or url.database == ":memory:":
        raise ValueError("the store needs a file: several connections share it, and it must survive the process")
    path = Path(url.database)

    def connect() -> Connection:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        # FULL: a commit survives the loss of power. WAL: readers and the writer do not wait for each other.
        _write_ahead(connection)
        for pragma in _LASTING if lasting else _PASSING:
            connection.execute(f"PRAGMA {pragma}")
        return cast(Connection, connection)

    return Database(
        url=url,
        dialect="sqlite",
        connect=connect,
        begin_write=("BEGIN IMMEDIATE",),
        begin_read=("BEGIN",),
        lock_drain=lambda tenant, owner: lock_file(path, tenant, owner),
    )


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL. Of several processes that open a new database at once SQLite lets one do so, and refuses the
    others without the patience that it has for locks otherwise."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN_S)


def _postgresql(url: URL) -> Database:
    # Imported here: the driver is an optional part of the installation.
    import psycopg

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def connect() -> Connection:
        return cast(Connection, psycopg.connect(address, autocommit=True))

    def lock_drain(tenant: str, _owner: str) -> DrainLock:
        return lock_session(connect(), tenant)

    return Database(
        url=url.set(drivername="postgresql+psycopg"),
        dialect="postgresql",
        connect=connect,
        begin_write=("BEGIN", f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"),
        begin_read=("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
        lock_drain=lock_drain,
    )


def as_busy(error: Exception) -> StoreBusy | None:
    """The store's own error for a database that another process kept locked too long, else None."""
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return StoreBusy(f"another process kept the database locked for {BUSY_TIMEOUT_S:.0f} s; try again")
    return None


def complaint(error: Exception) -> str | None:
    """What the database itself refused (a damaged file, a full disk, a server that is away), in a line; else None.

    A statement that it could not understand is no such complaint: that would be a fault of this program.
    """
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        error = error.orig
    psycopg = sys.modules.get("psycopg")
    known = isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
    if known or (psycopg is not None and isinstance(error, psycopg.OperationalError)):
        return " ".join(str(error).split())
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "its address is none: use sqlite:////path/to/file.db or postgresql://user@host/name"
    return None
