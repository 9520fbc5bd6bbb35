"""The ledger's promises: order within a root, fencing, recovery, parking, superseding (D4.1, delivery.md 1-4)."""

from __future__ import annotations

import pytest

from queast_runtime.ports.driver import ErrorClass
from queast_runtime.ports.edge import Phase
from queast_runtime.ports.ledger import (
    AttemptEnd,
    Dead,
    Delivered,
    DeliveryFilter,
    DeliveryState,
    Dropped,
    Parked,
    RetryAt,
    Unknown,
)
from queast_runtime.store.open import SqlStore
from store.samples import NOON, SENT, after, delivery

T, C = "acme", "hubspot-main"
FAILED = AttemptEnd(Phase.HEADERS, ErrorClass.TRANSIENT, 503, "unavailable")
LOST = AttemptEnd(Phase.SOME_SENT, ErrorClass.UNKNOWN, None, "connection reset")


def take(store: SqlStore, seconds: float = 0, limit: int = 10, epoch: int = 1) -> list[str]:
    with store.transaction() as tx:
        return [taken.delivery.reference for taken in tx.take(T, C, after(seconds), limit, epoch)]


def add(store: SqlStore, key: str, **changes: object) -> str:
    with store.transaction() as tx:
        id_ = tx.append(T, delivery(key, reference=key, **changes))
    assert id_ is not None
    return id_


def test_the_same_dedupe_key_is_appended_once(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.append(T, delivery("d1")) is not None
        assert tx.append(T, delivery("d1")) is None
        assert tx.append(T, delivery("d1", connection="other")) is not None


def test_only_the_head_of_a_root_is_taken_and_its_end_frees_the_next(store: SqlStore) -> None:
    first = add(store, "a1", queast_id="c_1")
    add(store, "a2", queast_id="c_1")
    add(store, "b1", root="c_2", queast_id="c_2")
    assert take(store) == ["a1", "b1"]
    assert take(store) == []
    with store.transaction() as tx:
        assert tx.finish(T, first, 1, NOON, Delivered("901"), SENT)
    assert take(store) == ["a2"]


def test_a_waiting_head_holds_back_its_root_until_the_need_is_met(store: SqlStore) -> None:
    add(store, "note", needs=("link:companies:c_1", "mirror:companies"))
    add(store, "later")
    with store.transaction() as tx:
        assert tx.next_due(T, C) is None
        assert tx.needs(T, C) == {"link:companies:c_1", "mirror:companies"}
        assert tx.wake(T, C, "mirror:companies", after(1)) == 0
        assert tx.take(T, C, after(1), 10, 1) == ()
        assert tx.wake(T, C, "link:companies:c_1", after(2)) == 1
        assert tx.next_due(T, C) == after(2)
    assert take(store, 2) == ["note"]


def test_a_claim_is_fenced_by_its_epoch(store: SqlStore) -> None:
    id_ = add(store, "a")
    assert take(store, epoch=1) == ["a"]
    with store.transaction() as tx:
        assert not tx.finish(T, id_, 2, NOON, Delivered("901"), SENT)
        assert tx.delivery(T, id_).state is DeliveryState.SENDING
        assert tx.finish(T, id_, 1, NOON, Delivered("901"), SENT)
        assert not tx.finish(T, id_, 1, NOON, Dead(ErrorClass.REJECT, "no"), SENT)
        assert tx.delivery(T, id_).state is DeliveryState.DELIVERED


def test_what_an_earlier_process_left_sending_becomes_unknown_with_the_time_of_its_attempt(store: SqlStore) -> None:
    id_ = add(store, "a")
    assert take(store, seconds=5, epoch=1) == ["a"]
    with store.transaction() as tx:
        assert tx.recover(T, after(9), 1) == ()
        (left,) = tx.recover(T, after(9), 2)
        assert (left.id, left.state, left.unanswered_since, left.next_due) == (
            id_,
            DeliveryState.UNKNOWN,
            after(5),
            after(9),
        )
        (taken,) = tx.take(T, C, after(9), 10, 2)
        assert taken.delivery.unanswered_since == after(5)
        assert taken.body == b'{"name": "ACME"}'
        first, second = tx.attempts(T, id_)
        assert first.error_class is ErrorClass.UNKNOWN
        assert first.ended_at == after(9)
        assert second.reconciling
        assert second.ended_at is None


def test_a_retry_waits_for_its_time_and_remembers_the_first_failure_of_its_own(store: SqlStore) -> None:
    id_ = add(store, "a")
    take(store)
    with store.transaction() as tx:
        assert tx.finish(T, id_, 1, after(1), RetryAt(after(60), own_fault=False), FAILED)
        assert tx.delivery(T, id_).first_failed_at is None
        assert tx.next_due(T, C) == after(60)
    assert take(store, 59) == []
    assert take(store, 60) == ["a"]
    with store.transaction() as tx:
        assert tx.finish(T, id_, 1, after(61), RetryAt(after(90)), FAILED)
        row = tx.delivery(T, id_)
        assert (row.first_failed_at, row.attempts, row.error_class) == (after(61), 2, ErrorClass.TRANSIENT)


def test_a_claim_given_back_before_sending_counts_no_attempt(store: SqlStore) -> None:
    id_ = add(store, "a")
    take(store)
    with store.transaction() as tx:
        assert tx.finish(T, id_, 1, NOON, Parked(("mirror:companies",)), None)
        row = tx.delivery(T, id_)
        assert (row.state, row.attempts, row.needs) == (DeliveryState.WAITING, 0, ("mirror:companies",))
        assert tx.attempts(T, id_) == ()


def test_an_unknown_outcome_keeps_the_start_of_the_first_unanswered_attempt(store: SqlStore) -> None:
    id_ = add(store, "a")
    take(store, 1)
    with store.transaction() as tx:
        tx.finish(T, id_, 1, after(2), Unknown(after(10)), LOST)
    take(store, 10)
    with store.transaction() as tx:
        tx.finish(T, id_, 1, after(11), Unknown(after(20)), LOST)
        assert tx.delivery(T, id_).unanswered_since == after(1)
    take(store, 20)
    with store.transaction() as tx:
        tx.finish(T, id_, 1, after(21), RetryAt(after(21)), FAILED)
        assert tx.delivery(T, id_).unanswered_since is None


def test_what_was_delivered_is_remembered_only_when_it_was_delivered(store: SqlStore) -> None:
    """D4.1: the projection is of what was last delivered, not of what was last intended."""
    id_ = add(store, "a")
    with store.read() as snapshot:
        assert snapshot.projection(T, C, "acme-hubspot", "companies", "c_1") is None
    take(store)
    with store.transaction() as tx:
        tx.finish(T, id_, 1, after(1), Delivered("901", projection_hash="h2"), SENT)
        projection = tx.projection(T, C, "acme-hubspot", "companies", "c_1")
        assert (projection.hash, projection.partner_id, projection.delivered_at) == ("h2", "901", after(1))


def test_a_create_is_not_appended_again_once_it_was_delivered(store: SqlStore) -> None:
    id_ = add(store, "note-1", kind="create", projection_key="s_1")
    take(store)
    with store.transaction() as tx:
        tx.finish(T, id_, 1, NOON, Delivered("77"), SENT)
        assert tx.append(T, delivery("note-2", kind="create", projection_key="s_1")) is None
        assert tx.append(T, delivery("note-3", kind="create", projection_key="s_2")) is not None


def test_a_newer_upsert_takes_the_place_of_the_older_ahead_of_what_waits_for_its_link(store: SqlStore) -> None:
    old = add(store, "old")
    add(store, "note", route="notes", kind="create", projection_key="s_1", needs=("link:companies:c_1",))
    new = add(store, "new")
    with store.transaction() as tx:
        assert tx.supersede_older(T, new, NOON) == (old,)
        assert tx.delivery(T, old).state is DeliveryState.SUPERSEDED
    assert take(store) == ["new"]
    with store.transaction() as tx:
        tx.finish(T, new, 1, NOON, Delivered("901"), SENT)
        assert tx.wake(T, C, "link:companies:c_1", NOON) == 1
    assert take(store) == ["note"]


def test_only_what_is_open_counts_as_coming(store: SqlStore) -> None:
    with store.transaction() as tx:
        upsert = tx.append(T, delivery("a", queast_id="c_1", needs=("mirror:companies",)))
        tx.append(T, delivery("b", queast_id="c_2", root="c_2", kind="create", projection_key=None))
        assert tx.is_coming(T, C, "company", "c_1")
        assert not tx.is_coming(T, C, "person", "c_1")
        assert not tx.is_coming(T, C, "company", "c_2"), "a note makes no record"
        assert tx.has_open(T, C, "acme-hubspot", "companies", "c_2")
        assert not tx.has_open(T, C, "acme-hubspot", "signal-notes", "c_1")
        tx.cancel(T, DeliveryFilter(queast_id="c_1"), NOON, "no")
        assert tx.delivery(T, upsert or "") is not None
        assert not tx.is_coming(T, C, "company", "c_1")
        assert not tx.has_open(T, C, "acme-hubspot", "companies", "c_1")


def test_an_upsert_that_was_tried_is_not_superseded(store: SqlStore) -> None:
    old = add(store, "old")
    take(store)
    with store.transaction() as tx:
        tx.finish(T, old, 1, NOON, Unknown(after(5)), LOST)
    new = add(store, "new")
    with store.transaction() as tx:
        assert tx.supersede_older(T, new, NOON) == ()
    assert take(store, 5) == ["old"]


def test_what_waits_for_something_that_will_never_be_ends_with_the_cause(store: SqlStore) -> None:
    note = add(store, "note", needs=("link:companies:c_1",))
    add(store, "behind")
    with store.transaction() as tx:
        ending = Dead(ErrorClass.REJECT, "its company was refused")
        assert tx.end_waiting(T, C, "link:companies:c_1", NOON, ending) == 1
        row = tx.delivery(T, note)
        assert (row.state, row.error_message) == (DeliveryState.DEAD, "its company was refused")
        assert tx.needs(T, C) == frozenset()
    assert take(store) == ["behind"]


def test_cancelling_spares_what_is_being_sent_or_unknown(store: SqlStore) -> None:
    add(store, "sending")
    add(store, "behind")
    add(store, "other", root="c_2")
    with store.transaction() as tx:
        tx.take(T, C, NOON, 1, 1)
        assert tx.cancel(T, DeliveryFilter(connection=C), NOON, "cancelled by hand") == 2
        states = {row.reference: row.state for row in tx.deliveries(T, DeliveryFilter())}
    assert states == {
        "sending": DeliveryState.SENDING,
        "behind": DeliveryState.CANCELLED,
        "other": DeliveryState.CANCELLED,
    }


def test_a_redriven_delivery_goes_before_what_came_after_it(store: SqlStore) -> None:
    dead = add(store, "dead")
    take(store)
    with store.transaction() as tx:
        tx.finish(T, dead, 1, NOON, Dead(ErrorClass.REJECT, "bad"), FAILED)
    add(store, "later")
    with store.transaction() as tx:
        assert tx.redrive(T, DeliveryFilter(connection="other"), after(1)) == 0
        assert tx.redrive(T, DeliveryFilter(connection=C), after(1)) == 1
    assert take(store, 1) == ["dead"]
    with store.transaction() as tx:
        assert tx.delivery(T, dead).attempts == 1
        tx.finish(T, dead, 1, NOON, Dropped(DeliveryState.CANCELLED, "enough"), None)
    assert take(store, 1) == ["later"]


def test_after_a_pause_everything_pending_is_due_at_once(store: SqlStore) -> None:
    add(store, "a", due_at=after(3600))
    with store.transaction() as tx:
        assert tx.make_due(T, C, after(1)) == 1
        assert tx.next_due(T, C) == after(1)


def test_counts_and_listings_follow_their_filters(store: SqlStore) -> None:
    add(store, "a", event_id="e7")
    add(store, "b", root="c_2", queast_id="c_2", connection="pipedrive-main", needs=("mirror:organizations",))
    with store.read() as snapshot:
        assert [(c.connection, c.state, c.kind, c.count) for c in snapshot.delivery_counts(T)] == [
            (C, DeliveryState.PENDING, "upsert", 1),
            ("pipedrive-main", DeliveryState.WAITING, "upsert", 1),
        ]
        assert snapshot.connections_with_work(T) == (C, "pipedrive-main")
        assert [r.reference for r in snapshot.deliveries(T, DeliveryFilter(event_id="e7"))] == ["a"]
        waiting = DeliveryFilter(states=(DeliveryState.WAITING,), created_from=NOON, created_before=after(1))
        assert [r.reference for r in snapshot.deliveries(T, waiting)] == ["b"]
        assert [r.reference for r in snapshot.deliveries(T, DeliveryFilter(), limit=1)] == ["a"]


def test_a_parked_delivery_must_say_what_it_waits_for(store: SqlStore) -> None:
    id_ = add(store, "a")
    take(store)
    with pytest.raises(ValueError, match="waits for"), store.transaction() as tx:
        tx.finish(T, id_, 1, NOON, Parked(()), None)
