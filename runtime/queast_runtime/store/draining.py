"""One drainer a tenant: a lock that the operating system or the database server lets go when its holder dies."""

from __future__ import annotations

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from queast_runtime.ports.rows import StoreBusy
from queast_runtime.store.sql import Connection


class DrainLock(Protocol):
    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class FileLock:
    """A `flock` on a file beside the database. The file stays; the lock goes with the descriptor."""

    descriptor: int

    def release(self) -> None:
        os.close(self.descriptor)


@dataclass(frozen=True, slots=True)
class SessionLock:
    """A PostgreSQL advisory lock of a session of its own."""

    connection: Connection

    def release(self) -> None:
        self.connection.close()


def lock_file(database: Path, tenant: str, owner: str) -> FileLock:
    """Raises StoreBusy, naming who holds it."""
    path = database.with_name(f"{database.name}.{tenant}.drain")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"
        os.close(descriptor)
        raise StoreBusy(f"deliveries of tenant {tenant} are already drained by {holder}; stop it first") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, owner.encode()[:200], 0)
    return FileLock(descriptor)


def lock_session(connection: Connection, tenant: str) -> SessionLock:
    """Raises StoreBusy. The lock's number is the first 63 bits of a digest of the tenant's name."""
    digest = hashlib.sha256(b"queast drain " + tenant.encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> 1
    row: tuple[Any, ...] | None = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
    if row is None or not row[0]:
        connection.close()
        raise StoreBusy(f"deliveries of tenant {tenant} are already drained by another process; stop it first")
    return SessionLock(connection)
