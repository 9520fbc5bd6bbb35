"""What is committed stays, what is stored is sealed, and one process drains (delivery.md, promise 1; D6.2)."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from queast_runtime.ports.ledger import Delivered
from queast_runtime.ports.matches import ReviewAnswer
from queast_runtime.ports.rows import MirrorCard, MirrorRecord, StoreBusy
from queast_runtime.ports.store import Transaction
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store import open as opening
from queast_runtime.store.migrations import configuration
from queast_runtime.store.open import SqlStore, open_store
from queast_runtime.store.tables import metadata
from store.samples import NOON, SENT, FixedClock, bookmark, delivery, event, image, link, review

CANARY = b"canary-7f3a91c4"


def test_the_writer_and_the_readers_run_in_wal_with_full_synchronisation(sqlite_store: SqlStore) -> None:
    with sqlite_store.transaction() as tx, sqlite_store.read() as snapshot:
        for access in (tx, snapshot):
            assert access.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert access.connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(store: SqlStore) -> None:
    def record_and_fail() -> None:
        with store.transaction() as tx:
            tx.record_event("acme", event())
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        record_and_fail()
    with store.transaction() as tx:
        assert not tx.event_seen("acme", "queast", "e1")
        assert tx.record_event("acme", event())


def test_a_snapshot_does_not_see_what_is_written_after_it_began(store: SqlStore) -> None:
    with store.read() as snapshot:
        assert not snapshot.event_seen("acme", "queast", "e1")
        with store.transaction() as tx:
            tx.record_event("acme", event())
        assert not snapshot.event_seen("acme", "queast", "e1")
    with store.read() as snapshot:
        assert snapshot.event_seen("acme", "queast", "e1")


def test_a_nested_transaction_is_refused_instead_of_waiting_for_itself(store: SqlStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="already"), store.transaction():
        raise AssertionError("entered")


def test_many_submits_share_commits_and_a_failing_one_undoes_only_itself(store: SqlStore) -> None:
    def work(number: int) -> bool:
        def put(tx: Transaction) -> bool:
            stored = tx.put_entity("acme", "company", f"c_{number}", 1, b"state", NOON)
            if number % 10 == 3:
                raise ValueError(f"number {number}")
            return stored

        return store.submit(put).result(timeout=30)

    outcomes: dict[int, object] = {}

    def call(number: int) -> None:
        try:
            outcomes[number] = work(number)
        except ValueError as error:
            outcomes[number] = str(error)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {n: f"number {n}" if n % 10 == 3 else True for n in range(100)}
    with store.read() as snapshot:
        stored = [n for n in range(100) if snapshot.entity_sequence("acme", "company", f"c_{n}") is not None]
    assert stored == [n for n in range(100) if n % 10 != 3]


def test_closing_finishes_what_was_submitted_and_refuses_more(store: SqlStore, url: str, tmp_path: Path) -> None:
    future = store.submit(lambda tx: tx.record_event("acme", event()))
    store.close()
    store.close()
    assert future.result(timeout=0)
    with pytest.raises(RuntimeError, match="closed"):
        store.submit(lambda tx: None)
    with pytest.raises(RuntimeError, match="closed"), store.transaction():
        raise AssertionError("entered")


def test_a_second_drainer_is_refused_until_the_first_stops_and_epochs_rise(
    store: SqlStore, url: str, tmp_path: Path
) -> None:
    first = store.new_epoch("acme", "worker 1")
    other = open_store(url, open_sealer(tmp_path, FixedClock()))
    try:
        with pytest.raises(StoreBusy, match="already drained"):
            other.new_epoch("acme", "worker 2")
        assert other.new_epoch("nordlys", "worker 2") == 1
        store.stop_draining("acme")
        assert other.new_epoch("acme", "worker 2") > first
    finally:
        other.close()


def test_the_migrations_make_exactly_the_declared_tables(store: SqlStore, url: str) -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == opening.HEAD
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_every_table_is_keyed_by_tenant_first() -> None:
    for table in metadata.sorted_tables:
        keys = [[column.name for column in table.primary_key]]
        keys += [[column.name for column in index.columns] for index in table.indexes if index.unique]
        keys += [[column.name for column in rule.columns] for rule in table.constraints if hasattr(rule, "columns")]
        assert all(key[0] == "tenant" for key in keys), table.name


def test_opening_a_current_database_does_not_load_the_migrations(sqlite_store: SqlStore, tmp_path: Path) -> None:
    code = (
        "import sys; from store.samples import FixedClock; from pathlib import Path;"
        "from queast_runtime.store.open import open_store; from queast_runtime.security.sealing import open_sealer;"
        "open_store(sys.argv[1], open_sealer(Path(sys.argv[2]), FixedClock())).close();"
        "print([name for name in ('alembic', 'lark', 'yaml', 'jsonschema', 'psycopg') if name in sys.modules])"
    )
    done = run_python(code, f"sqlite:///{tmp_path / 'queast.db'}", str(tmp_path))
    assert done.communicate(timeout=30)[0].strip() == b"[]"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
def test_a_store_without_a_file_or_of_another_kind_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="store"):
        open_store(url, open_sealer(tmp_path, FixedClock()))


def test_a_database_of_a_newer_version_is_refused(sqlite_store: SqlStore, tmp_path: Path) -> None:
    sqlite_store.close()
    with sqlite3.connect(tmp_path / "queast.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ValueError, match="does not fit"):
        open_store(f"sqlite:///{tmp_path / 'queast.db'}", open_sealer(tmp_path, FixedClock()))


def run_python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    tests = str(Path(__file__).parent.parent)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([tests, *filter(None, sys.path)])}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, env=env)


WRITER = """
import sys
from pathlib import Path
from queast_runtime.security.sealing import open_sealer
from queast_runtime.store.open import open_store
from store.samples import FixedClock, delivery, event
store = open_store(sys.argv[1], open_sealer(Path(sys.argv[2]), FixedClock()))
start = int(sys.argv[3])
for n in range(start, start + 1_000_000):
    def work(tx):
        tx.record_event("acme", event(event_id=f"e{n}"))
        tx.append("acme", delivery(f"d{n}", event_id=f"e{n}", root=f"r{n % 7}"))
    store.submit(work).result()
    print(n, flush=True)
"""


def acknowledged(process: subprocess.Popen[bytes], least: int) -> Iterator[int]:
    assert process.stdout is not None
    for count, line in enumerate(process.stdout, 1):
        if line.endswith(b"\n"):
            yield int(line)
        if count == least:
            process.send_signal(signal.SIGKILL)


def test_everything_acknowledged_survives_sigkill_whole(url: str, tmp_path: Path) -> None:
    open_store(url, open_sealer(tmp_path, FixedClock())).close()
    seen: set[int] = set()
    for round_number in range(4):
        with run_python(WRITER, url, str(tmp_path), str(round_number * 1_000_000)) as process:
            seen.update(acknowledged(process, 20 + 17 * round_number))
            assert process.wait(timeout=30) == -signal.SIGKILL
    store = open_store(url, open_sealer(tmp_path, FixedClock()))
    try:
        with store.transaction() as tx:
            assert all(tx.event_seen("acme", "queast", f"e{n}") for n in seen)
            events = tx.decision_counts("acme")[0].count
            (deliveries,) = tx.delivery_counts("acme")
            # An event and its delivery are one commit: never one without the other.
            assert events == deliveries.count >= len(seen) > 150
            assert len(tx.take("acme", "hubspot-main", NOON, 100, 1)) == 7
    finally:
        store.close()


def test_no_stored_body_is_readable_in_the_database_its_log_or_after_a_crash(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'queast.db'}", open_sealer(tmp_path, FixedClock()))
    with store.transaction() as tx:
        tx.record_event("acme", event(body=b'{"x": "' + CANARY + b'"}'))
        tx.put_entity("acme", "company", "c_1", 1, CANARY, NOON)
        tx.put_review("acme", review(candidates=({"name": CANARY.decode()},), subject={"name": CANARY.decode()}))
        said = ReviewAnswer("create", None, "ana", NOON, "reviewer", CANARY.decode())
        tx.answer_review("acme", tx.put_review("acme", review(queast_id="c_2")), 1, said)
        card = MirrorCard(*[CANARY.decode()] * 4)
        tx.put_mirror_record("acme", "hub-1", "companies", MirrorRecord("1", {}, card, ("token",)))
        tx.put_before_images("acme", [image(before=CANARY.decode())])
        tx.ensure_bookmark("acme", bookmark(note=CANARY.decode()))
        id_ = tx.append("acme", delivery(body=CANARY))
        tx.put_link("acme", link())
        (taken,) = tx.take("acme", "hubspot-main", NOON, 1, 1)
        assert taken.body == CANARY
        tx.finish("acme", id_, 1, NOON, Delivered("901"), SENT)
    files = [path for path in tmp_path.iterdir() if path.name.startswith("queast.db")]
    assert any(path.name.endswith("-wal") for path in files)
    assert not [path.name for path in files if CANARY in path.read_bytes()]
    store.close()
    assert CANARY not in (tmp_path / "queast.db").read_bytes()
