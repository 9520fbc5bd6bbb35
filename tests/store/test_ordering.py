"""A stateful test of order: whatever happens, one delivery of a root at a time, in order, and none is lost."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from queast_runtime.ports.driver import ErrorClass
from queast_runtime.ports.ledger import (
    Dead,
    Delivered,
    DeliveryFilter,
    DeliveryState,
    Parked,
    RetryAt,
    Taken,
    Unknown,
)
from queast_runtime.security.sealing import open_sealer
from schema_copy import open_copy
from store.samples import NOON, SENT, FixedClock, delivery

T, C = "acme", "hubspot-main"
ROOTS = st.sampled_from(["r1", "r2", "r3"])
ENDED = (DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.SUPERSEDED, DeliveryState.CANCELLED)


class Ordering(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        self.store = open_copy(path / "queast.db", open_sealer(path, FixedClock()))
        self.now: datetime = NOON
        self.epoch = 1
        self.appended: list[str] = []
        self.claims: dict[str, Taken] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(root=ROOTS, upsert=st.booleans(), need=st.booleans())
    def append(self, root: str, upsert: bool, need: bool) -> None:
        with self.store.transaction() as tx:
            new = delivery(
                f"d{len(self.appended)}",
                root=root,
                queast_id=root,
                kind="upsert" if upsert else "send",
                needs=(f"link:companies:{root}",) if need and not upsert else (),
                projection_key=None,
                created_at=self.now,
                due_at=self.now,
            )
            id_ = tx.append(T, new)
            assert id_ is not None
            self.appended.append(id_)
            if upsert:
                tx.supersede_older(T, id_, self.now)

    @rule(limit=st.integers(1, 4))
    def take(self, limit: int) -> None:
        with self.store.transaction() as tx:
            first_open = self.first_open()
            for taken in tx.take(T, C, self.now, limit, self.epoch):
                assert taken.delivery.id not in self.claims
                assert taken.delivery.next_due <= self.now
                assert first_open[taken.delivery.root] == taken.delivery.id
                self.claims[taken.delivery.id] = taken

    def first_open(self) -> dict[str, str]:
        with self.store.read() as snapshot:
            rows = snapshot.deliveries(T, DeliveryFilter(), limit=10_000)
        first: dict[str, str] = {}
        for row in rows:
            if row.state not in ENDED:
                first.setdefault(row.root, row.id)
        return first

    @rule(pick=st.integers(0, 99), how=st.sampled_from(["ok", "retry", "unknown", "park", "dead", "stale"]))
    def finish(self, pick: int, how: str) -> None:
        if not self.claims:
            return
        id_ = sorted(self.claims)[pick % len(self.claims)]
        later = self.now + timedelta(seconds=pick % 5)
        with self.store.transaction() as tx:
            if how == "stale":
                assert not tx.finish(T, id_, self.epoch - 1, self.now, Delivered("1"), SENT)
                return
            root = self.claims.pop(id_).delivery.root
            match how:
                case "ok":
                    assert tx.finish(T, id_, self.epoch, self.now, Delivered("1"), SENT)
                    tx.wake(T, C, f"link:companies:{root}", self.now)
                case "retry":
                    assert tx.finish(T, id_, self.epoch, self.now, RetryAt(later), SENT)
                case "unknown":
                    assert tx.finish(T, id_, self.epoch, self.now, Unknown(later), SENT)
                case "park":
                    assert tx.finish(T, id_, self.epoch, self.now, Parked((f"link:companies:{root}",)), None)
                case _:
                    assert tx.finish(T, id_, self.epoch, self.now, Dead(ErrorClass.REJECT, "no"), SENT)

    @rule(root=ROOTS)
    def wake(self, root: str) -> None:
        with self.store.transaction() as tx:
            tx.wake(T, C, f"link:companies:{root}", self.now)

    @rule(root=ROOTS)
    def end_waiting(self, root: str) -> None:
        with self.store.transaction() as tx:
            tx.end_waiting(T, C, f"link:companies:{root}", self.now, Dead(ErrorClass.REJECT, "no company"))

    @rule()
    def redrive(self) -> None:
        with self.store.transaction() as tx:
            tx.redrive(T, DeliveryFilter(), self.now)

    @rule(root=ROOTS)
    def cancel(self, root: str) -> None:
        with self.store.transaction() as tx:
            tx.cancel(T, DeliveryFilter(queast_id=root), self.now, "by hand")

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def crash(self) -> None:
        self.epoch += 1
        with self.store.transaction() as tx:
            assert {row.id for row in tx.recover(T, self.now, self.epoch)} == set(self.claims)
        self.claims.clear()

    @invariant()
    def nothing_is_lost_and_each_open_root_has_one_head(self) -> None:
        with self.store.read() as snapshot:
            rows = snapshot.deliveries(T, DeliveryFilter(), limit=10_000)
            heads = snapshot.connection.execute(
                "SELECT root, count(*) FROM deliveries WHERE head = 1 GROUP BY root"
            ).fetchall()
        assert {row.id for row in rows} == set(self.appended)
        open_roots = {row.root for row in rows if row.state not in ENDED}
        assert dict(heads) == dict.fromkeys(open_roots, 1)
        sending = [row for row in rows if row.state is DeliveryState.SENDING]
        assert {row.id for row in sending} == set(self.claims)
        assert len({row.root for row in sending}) == len(sending)
        assert all(bool(row.needs) == (row.state is DeliveryState.WAITING) for row in rows)


TestOrdering = Ordering.TestCase
TestOrdering.settings = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
