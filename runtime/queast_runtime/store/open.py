"""Opening the store, and the store itself: one writer, readers beside it, many small writes in one commit."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from queast_runtime.ports.edge import Sealer
from queast_runtime.ports.store import Snapshot, Transaction
from queast_runtime.store.connections import ConnectionReads, ConnectionWrites
from queast_runtime.store.dialects import Database, as_busy, database
from queast_runtime.store.draining import DrainLock
from queast_runtime.store.entities import EntityReads, EntityWrites
from queast_runtime.store.events import EventReads, EventWrites
from queast_runtime.store.inbound import InboundReads, InboundWrites
from queast_runtime.store.ledger_reads import LedgerReads
from queast_runtime.store.ledger_repairs import LedgerRepairs
from queast_runtime.store.links import LinkReads, LinkWrites
from queast_runtime.store.mirror import MirrorReads
from queast_runtime.store.mirror_writes import MirrorWrites
from queast_runtime.store.parking import ParkingReads, ParkingWrites
from queast_runtime.store.review_writes import ReviewWrites
from queast_runtime.store.reviews import ReviewReads
from queast_runtime.store.sql import Connection, Sql
from queast_runtime.store.written import WrittenReads, WrittenWrites

T = TypeVar("T")

HEAD = "0005"
LINGER_S = 0.002
GROUP_LIMIT = 512

_NEW_EPOCH = Sql(
    "INSERT INTO epochs (tenant, epoch, owner) VALUES (:tenant, 1, :owner) ON CONFLICT (tenant) DO UPDATE"
    " SET epoch = epochs.epoch + 1, owner = excluded.owner RETURNING epoch"
)


class SqlSnapshot(
    EventReads,
    ParkingReads,
    EntityReads,
    LinkReads,
    MirrorReads,
    ReviewReads,
    WrittenReads,
    InboundReads,
    LedgerReads,
    ConnectionReads,
):
    """Everything that can be read, over one connection in one read transaction."""

    __slots__ = ()


class SqlTransaction(
    EventWrites,
    ParkingWrites,
    EntityWrites,
    LinkWrites,
    MirrorWrites,
    ReviewWrites,
    WrittenWrites,
    InboundWrites,
    LedgerRepairs,
    ConnectionWrites,
    SqlSnapshot,
):
    """Everything that can be written, over the writer's connection."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    future: Future[Any]


class SqlStore:
    """The `Store` port over SQLite or PostgreSQL. Made by `open_store`."""

    def __init__(self, where: Database, sealer: Sealer) -> None:
        self._database = where
        self._sealer = sealer
        self._writer = where.connect()
        self._write_lock = threading.Lock()
        self._writing_thread: int | None = None
        self._idle_readers: list[Connection] = []
        self._reader_lock = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._group_thread: threading.Thread | None = None
        self._drains: dict[str, DrainLock] = {}
        self._closed = False

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[SqlTransaction]:
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a transaction is open in this thread already; pass it on instead of opening another")
        with self._write_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            self._writing_thread = threading.get_ident()
            try:
                self._begin(self._writer, self._database.begin_write)
                try:
                    yield SqlTransaction(self._writer, self._database.dialect, self._sealer)
                except BaseException:
                    self._writer.execute("ROLLBACK")
                    raise
                try:
                    self._writer.execute("COMMIT")
                except sqlite3.OperationalError:
                    # A full disk leaves SQLite inside the transaction; the next one could not begin.
                    self._writer.execute("ROLLBACK")
                    raise
            finally:
                self._writing_thread = None

    def read(self) -> AbstractContextManager[Snapshot]:
        return self._read()

    @contextmanager
    def _read(self) -> Iterator[SqlSnapshot]:
        with self._reader_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            connection = self._idle_readers.pop() if self._idle_readers else None
        if connection is None:
            connection = self._database.connect()
        self._begin(connection, self._database.begin_read)
        try:
            yield SqlSnapshot(connection, self._database.dialect, self._sealer)
        finally:
            connection.execute("ROLLBACK")
            with self._reader_lock:
                if self._closed:
                    connection.close()
                else:
                    self._idle_readers.append(connection)

    @staticmethod
    def _begin(connection: Connection, statements: tuple[str, ...]) -> None:
        try:
            for statement in statements:
                connection.execute(statement)
        except sqlite3.OperationalError as error:
            raise as_busy(error) or error from error

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._reader_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._group_thread is None:
                self._group_thread = threading.Thread(target=self._run_groups, name="store-writer", daemon=True)
                self._group_thread.start()
            self._jobs.put(_Job(work, future))
        return future

    def _run_groups(self) -> None:
        expected = 1
        while True:
            first = self._jobs.get()
            if first is None:
                return
            group, last = self._gather(first, expected)
            expected = len(group)
            self._run_group(group)
            if last:
                return

    def _gather(self, first: _Job, expected: int) -> tuple[list[_Job], bool]:
        """What is there, up to the limit; True if the end of work was among it.

        Fewer than came together last time wait for the rest, up to the linger: who is alone waits for nobody.
        """
        group = [first]
        until = time.monotonic() + LINGER_S
        while len(group) < GROUP_LIMIT:
            wait_s = until - time.monotonic() if len(group) < expected else 0.0
            try:
                job = self._jobs.get(timeout=max(0.0, wait_s))
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _run_group(self, group: list[_Job]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        group = [job for job in group if job.future.set_running_or_notify_cancel()]
        try:
            with self._transaction() as transaction:
                for job in group:
                    self._writer.execute("SAVEPOINT job")
                    try:
                        result = job.work(transaction)
                    except Exception as error:  # noqa: BLE001 (a caller's own error goes to the caller, nobody else)
                        self._writer.execute("ROLLBACK TO SAVEPOINT job")
                        job.future.set_exception(error)
                    else:
                        done.append((job.future, result))
                    self._writer.execute("RELEASE SAVEPOINT job")
        except Exception as error:  # noqa: BLE001 (the commit failed: everyone of the group must hear of it)
            for job in group:
                if not job.future.done():
                    job.future.set_exception(error)
            return
        for future, result in done:
            future.set_result(result)

    def new_epoch(self, tenant: str, owner: str) -> int:
        if tenant not in self._drains:
            self._drains[tenant] = self._database.lock_drain(tenant, owner)
        with self._transaction() as transaction:
            row = transaction.one(_NEW_EPOCH, tenant=tenant, owner=owner)
        if row is None:
            raise RuntimeError("the database gave no epoch")
        return int(row[0])

    def stop_draining(self, tenant: str) -> None:
        lock = self._drains.pop(tenant, None)
        if lock is not None:
            lock.release()

    def close(self) -> None:
        """Finish what was submitted, then let go of everything. Closing twice is harmless."""
        with self._reader_lock:
            thread, self._group_thread = self._group_thread, None
            if thread is not None:
                self._jobs.put(None)
        if thread is not None:
            thread.join()
        with self._write_lock, self._reader_lock:
            if self._closed:
                return
            self._closed = True
            for tenant in tuple(self._drains):
                self.stop_draining(tenant)
            for connection in (*self._idle_readers, self._writer):
                connection.close()
            self._idle_readers.clear()


def open_store(url: str, sealer: Sealer, *, lasting: bool = True) -> SqlStore:
    """Open the database, made or brought to this version's schema if need be. One that is not `lasting` need not
    survive its process.

    `url` is `sqlite:////absolute/path.db` or `postgresql://user@host/name`. Raises ValueError for another kind, and
    for a database whose schema is newer than this version.
    """
    where = database(url, lasting=lasting)
    if _revision(where) != HEAD:
        _upgrade(where)
    return SqlStore(where, sealer)


def _revision(where: Database) -> str | None:
    connection = where.connect()
    try:
        if where.dialect == "sqlite":
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        else:
            found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])
    finally:
        connection.close()


def _upgrade(where: Database) -> None:
    # Imported here: the schema's history is needed once in a database's life, not at every start.
    from queast_runtime.store.migrations import upgrade

    upgrade(where.url, where.begin_write)
