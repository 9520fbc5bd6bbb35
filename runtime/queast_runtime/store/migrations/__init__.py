"""The schema's history as Alembic revisions. `upgrade` is the only door, and the only importer of Alembic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, create_engine, event


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: URL, begin_write: Sequence[str], revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest, in one write transaction: a second opener waits for it.

    `begin_write` are the statements that begin one. Raises ValueError for a database made by a newer version.
    """
    engine = create_engine(url)
    if url.get_backend_name() == "sqlite":
        # The driver would commit before each change of the schema; with its own transactions off, we begin them.
        event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", lambda connection: _begin(connection, begin_write))
    config = configuration()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as error:
        raise ValueError(
            f"the database does not fit this version of the schema: {error}; upgrade this program"
        ) from error
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        # SQLAlchemy's own begin is nothing on SQLite and implicit on PostgreSQL.
        if statement != "BEGIN":
            connection.exec_driver_sql(statement)
