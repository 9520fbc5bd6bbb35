"""Databases of this version's schema for tests: its history is run once a process, and each test gets a copy.

Tests of that history, and of opening a database that is not there, go through `open_store` alone.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from queast_runtime.ports.edge import Sealer
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import SqlStore, open_store
from queast_runtime.worker.clock import SystemClock


def open_copy(path: Path, sealer: Sealer) -> SqlStore:
    """Open the SQLite database at `path`, first made as a copy of an empty one where none is there."""
    if not path.exists():
        shutil.copyfile(_empty(), path)
    return open_store(f"sqlite:///{path}", sealer)


@cache
def _empty() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="queast-schema-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "queast.db"
    open_store(f"sqlite:///{path}", open_sealer(folder, SystemClock())).close()
    # Closed by its last connection, the database is one file: its log was folded into it.
    assert sorted(each.name for each in folder.glob("queast.db*")) == ["queast.db"]
    return path
