"""No method of the store shows or changes another tenant's rows: every method of the protocol × two tenants."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from queast_runtime.ports.driver import ErrorClass
from queast_runtime.ports.ledger import Dead, Delivered, DeliveryFilter
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES, Choice, ReviewAnswer
from queast_runtime.ports.matching_store import MatchingSnapshot, MatchingTransaction
from queast_runtime.ports.rows import Decision, MirrorCard, MirrorRecord, Outcome, ParkedEvent, Rejection
from queast_runtime.ports.store import Snapshot, Transaction
from queast_runtime.store.open import SqlStore, SqlTransaction
from queast_runtime.store.tables import metadata
from store.samples import DIGEST, NOON, SENT, after, bookmark, delivery, event, image, link, receipt, review

OURS, THEIRS = "acme", "nordlys"
A, OBJ, C = "hub-1", "companies", "hubspot-main"
NOTHING: tuple[Any, ...] = (None, False, (), frozenset(), {}, 0)

Ids = dict[str, str]
Call = Callable[[Any, str, Ids], Any]


def denied(call: Call) -> Call:
    """The call, which must find that there is no such thing."""

    def tried(tx: Any, tenant: str, ids: Ids) -> None:
        with pytest.raises(LookupError):
            call(tx, tenant, ids)

    return tried


def said(choice: Choice) -> ReviewAnswer:
    return ReviewAnswer(choice, None, "ana", NOON, "reviewer", "a note")


READS: dict[str, Call] = {
    "event_seen": lambda tx, t, ids: tx.event_seen(t, "queast", "e1"),
    "events_with_id": lambda tx, t, ids: tx.events_with_id(t, "e1"),
    "event_body": lambda tx, t, ids: tx.event_body(t, "queast", "e1"),
    "recent_events": lambda tx, t, ids: tx.recent_events(t, 10),
    "event_entity": lambda tx, t, ids: tx.event_entity(t, "queast", "e1"),
    "event_outcomes": lambda tx, t, ids: tx.event_outcomes(t, "queast", "e1"),
    "decision_counts": lambda tx, t, ids: tx.decision_counts(t),
    "parked": lambda tx, t, ids: tx.parked(t, "c_2"),
    "entity_sequence": lambda tx, t, ids: tx.entity_sequence(t, "company", "c_1"),
    "entity": lambda tx, t, ids: tx.entity(t, "company", "c_1"),
    "is_bookmarked": lambda tx, t, ids: tx.is_bookmarked(t, "c_1"),
    "suppressed": lambda tx, t, ids: tx.suppressed(t, [("company", "c_1")]),
    "suppression": lambda tx, t, ids: tx.suppression(t, "company", "c_1"),
    "suppressions": lambda tx, t, ids: tx.suppressions(t),
    "link": lambda tx, t, ids: tx.link(t, A, OBJ, "c_1"),
    "is_linked": lambda tx, t, ids: tx.is_linked(t, A, OBJ, "c_1"),
    "link_to": lambda tx, t, ids: tx.link_to(t, A, OBJ, "901"),
    "links": lambda tx, t, ids: tx.links(t) + tx.links(t, A),
    "link_history": lambda tx, t, ids: tx.link_history(t, A, OBJ, "c_1"),
    "count_links": lambda tx, t, ids: tx.count_links(t, C),
    "link_places": lambda tx, t, ids: tx.link_places(t, "c_1"),
    "link_changes": lambda tx, t, ids: tx.link_changes(t, 10),
    "count_link_changes": lambda tx, t, ids: tx.count_link_changes(t, C, NOON),
    "rejections": lambda tx, t, ids: tx.rejections(t, A, OBJ, "c_1"),
    "rejection": lambda tx, t, ids: tx.rejection(t, A, OBJ, "c_1", "902"),
    "mirror_state": lambda tx, t, ids: tx.mirror_state(t, A, OBJ),
    "mirror_find": lambda tx, t, ids: tx.mirror_find(t, A, OBJ, "domain", "a.example"),
    "mirror_keys": lambda tx, t, ids: tx.mirror_keys(t, A, OBJ, "1", "domain"),
    "mirror_size": lambda tx, t, ids: tx.mirror_size(t, A, OBJ),
    "is_mirrored": lambda tx, t, ids: tx.is_mirrored(t, A, OBJ, "1"),
    "mirror_card": lambda tx, t, ids: tx.mirror_card(t, A, OBJ, "1"),
    "mirror_cards": lambda tx, t, ids: tx.mirror_cards(t, A, OBJ, ["1", "2"]),
    "token_counts": lambda tx, t, ids: tx.token_counts(t, A, OBJ, ["acme"]),
    "mirror_with_token": lambda tx, t, ids: tx.mirror_with_token(t, A, OBJ, "acme", 10),
    "mirror_indexed": lambda tx, t, ids: tuple(tx.mirror_indexed(t, A, OBJ)),
    "review": lambda tx, t, ids: tx.review(t, ids["review"]),
    "open_review": lambda tx, t, ids: tx.open_review(t, A, OBJ, "c_1"),
    "last_answer": lambda tx, t, ids: tx.last_answer(t, A, OBJ, "c_2"),
    "reviews": lambda tx, t, ids: tx.reviews(t, still_open=False),
    "queue_place": lambda tx, t, ids: tx.queue_place(t, ids["review"]).total,
    "answered_reviews": lambda tx, t, ids: tx.answered_reviews(t, limit=10),
    "review_counts": lambda tx, t, ids: tx.review_counts(t),
    "review_history": lambda tx, t, ids: tx.review_history(t, ids["review"], limit=10),
    "before_images": lambda tx, t, ids: tx.before_images(t, A, OBJ, "901", NOON),
    "last_written": lambda tx, t, ids: tx.last_written(t, A, OBJ, "901"),
    "inbound_receipt": lambda tx, t, ids: tx.inbound_receipt(t, "highlights", "msg_1"),
    "receipts_of_review": lambda tx, t, ids: tx.receipts_of_review(t, ids["review"]),
    "is_ensured": lambda tx, t, ids: tx.is_ensured(t, "c_1", "ana"),
    "ensured_bookmarks": lambda tx, t, ids: tx.ensured_bookmarks(t),
    "delivery": lambda tx, t, ids: tx.delivery(t, ids["pending"]),
    "delivery_body": lambda tx, t, ids: tx.delivery_body(t, ids["pending"]),
    "deliveries": lambda tx, t, ids: tx.deliveries(t, DeliveryFilter()),
    "is_coming": lambda tx, t, ids: tx.is_coming(t, C, "company", "c_pending"),
    "appended_hash": lambda tx, t, ids: tx.appended_hash(t, C, "pending"),
    "has_open": lambda tx, t, ids: tx.has_open(t, C, "acme-hubspot", "companies", "c_pending"),
    "delivery_counts": lambda tx, t, ids: tx.delivery_counts(t),
    "count_waiting": lambda tx, t, ids: tx.count_waiting(t, C, "mirror:companies"),
    "needs": lambda tx, t, ids: tx.needs(t, C),
    "attempts": lambda tx, t, ids: tx.attempts(t, ids["sending"]),
    "next_due": lambda tx, t, ids: tx.next_due(t, C),
    "connections_with_work": lambda tx, t, ids: tx.connections_with_work(t),
    "plans_with_work": lambda tx, t, ids: tx.plans_with_work(t, C),
    "projection": lambda tx, t, ids: tx.projection(t, C, "acme-hubspot", "companies", "c_done"),
    "connection_state": lambda tx, t, ids: tx.connection_state(t, C).paused_reason,
    "counters": lambda tx, t, ids: tx.counters(t, C, NOON.date()),
    "facts": lambda tx, t, ids: tx.facts(t, C),
    "accepted_release": lambda tx, t, ids: tx.accepted_release(t),
}

WRITES: dict[str, Call] = {
    "record_event": lambda tx, t, ids: tx.record_event(t, event(body=b"theirs")),
    "put_outcomes": lambda tx, t, ids: tx.put_outcomes(
        t, "queast", "e1", [Outcome("acme-hubspot", "", Decision.REFUSED, "theirs")]
    ),
    "park": lambda tx, t, ids: tx.park(t, "c_2", ParkedEvent("queast", "e9", ("theirs",))),
    "unpark": lambda tx, t, ids: tx.unpark(t, "c_2"),
    "put_entity": lambda tx, t, ids: tx.put_entity(t, "company", "c_1", 99, b"theirs", NOON),
    "set_bookmarked": lambda tx, t, ids: tx.set_bookmarked(t, "c_1", False),
    "suppress": lambda tx, t, ids: tx.suppress(t, "company", "c_1", "theirs", NOON),
    "unsuppress": lambda tx, t, ids: tx.unsuppress(t, "company", "c_1"),
    "put_link": lambda tx, t, ids: tx.put_link(t, link(queast_id="c_7")),
    "remove_link": lambda tx, t, ids: tx.remove_link(t, A, OBJ, "c_1", actor="x", reason="", at=NOON),
    "confirm_link": lambda tx, t, ids: tx.confirm_link(t, A, OBJ, "c_1", actor="x", reason="", at=NOON),
    "reject_pair": lambda tx, t, ids: tx.reject_pair(t, Rejection(A, OBJ, "c_1", "901", "x", "", NOON)),
    "unreject_pair": lambda tx, t, ids: tx.unreject_pair(t, A, OBJ, "c_1", "902"),
    "start_mirror": lambda tx, t, ids: tx.start_mirror(t, A, OBJ, NOON),
    "put_mirror_page": lambda tx, t, ids: (
        tx.start_mirror(t, A, OBJ, NOON),
        tx.put_mirror_page(t, A, OBJ, [], None, NOON),
    ),
    "put_mirror_record": lambda tx, t, ids: tx.put_mirror_record(t, A, OBJ, MirrorRecord("1", {})),
    "remove_mirror_record": lambda tx, t, ids: tx.remove_mirror_record(t, A, OBJ, "1"),
    "put_review": lambda tx, t, ids: tx.put_review(t, review(reason="theirs")),
    "answer_review": denied(lambda tx, t, ids: tx.answer_review(t, ids["review"], 1, said("reject"))),
    "put_off_review": denied(lambda tx, t, ids: tx.put_off_review(t, ids["review"], 1, said("skip"))),
    "mark_unsure": denied(lambda tx, t, ids: tx.mark_unsure(t, ids["review"], 1, said("unsure"))),
    "change_review": denied(
        lambda tx, t, ids: tx.change_review(t, ids["review"], 1, reason="", candidates=(), actor="x", at=NOON)
    ),
    "reopen_review": denied(lambda tx, t, ids: tx.reopen_review(t, ids["answered"], 2, "x", NOON)),
    "put_before_images": lambda tx, t, ids: tx.put_before_images(t, [image(before="theirs")]),
    "drop_before_images": lambda tx, t, ids: tx.drop_before_images(t, "d1"),
    "mark_undone": lambda tx, t, ids: tx.mark_undone(t, image(), NOON),
    "expire_before_images": lambda tx, t, ids: tx.expire_before_images(t, after(9_999)),
    "put_last_written": lambda tx, t, ids: tx.put_last_written(t, A, OBJ, "901", {"city": None, "name": "x"}, NOON),
    "put_receipt": lambda tx, t, ids: tx.put_receipt(t, receipt(body_hash="theirs")),
    "settle_receipt": lambda tx, t, ids: tx.settle_receipt(t, "highlights", "msg_1", "bookmarked", "c_9"),
    "unsettle_receipts": lambda tx, t, ids: tx.unsettle_receipts(t, ids["review"]),
    "expire_receipts": lambda tx, t, ids: tx.expire_receipts(t, after(9_999)),
    "ensure_bookmark": lambda tx, t, ids: tx.ensure_bookmark(t, bookmark(note="theirs")),
    "append": lambda tx, t, ids: tx.append(t, delivery("pending")),
    "supersede_older": lambda tx, t, ids: (
        tx.supersede_older(t, ids["pending"], NOON),
        tx.supersede_older(t, tx.append(t, delivery("newer", root="r_pending", queast_id="c_pending")), NOON),
    ),
    "take": lambda tx, t, ids: tx.take(t, C, after(9_999), 100, 1),
    "finish": lambda tx, t, ids: tx.finish(t, ids["sending"], 1, NOON, Delivered("666"), SENT),
    "recover": lambda tx, t, ids: tx.recover(t, NOON, 77),
    "wake": lambda tx, t, ids: tx.wake(t, C, "mirror:companies", NOON),
    "end_waiting": lambda tx, t, ids: tx.end_waiting(t, C, "mirror:companies", NOON, Dead(ErrorClass.REJECT, "x")),
    "cancel": lambda tx, t, ids: tx.cancel(t, DeliveryFilter(), NOON, "theirs"),
    "redrive": lambda tx, t, ids: tx.redrive(t, DeliveryFilter(), NOON),
    "make_due": lambda tx, t, ids: tx.make_due(t, C, NOON),
    "pause": lambda tx, t, ids: tx.pause(t, C, None, "theirs"),
    "resume": lambda tx, t, ids: tx.resume(t, C),
    "record_success": lambda tx, t, ids: tx.record_success(t, C, after(99)),
    "count": lambda tx, t, ids: tx.count(t, C, NOON.date(), "created", 50),
    "put_fact": lambda tx, t, ids: tx.put_fact(t, C, "budget", None),
    "accept_release": lambda tx, t, ids: tx.accept_release(t, 99, DIGEST, NOON),
}


def methods(protocol: type) -> set[str]:
    return {name for name, value in vars(protocol).items() if inspect.isfunction(value) and not name.startswith("_")}


def test_no_two_rooms_of_the_store_hide_a_method_of_each_other() -> None:
    rooms = [room for room in SqlTransaction.__mro__ if room.__module__.startswith("queast_runtime.store.")]
    names = [name for room in rooms for name, value in vars(room).items() if inspect.isfunction(value)]
    assert [name for name in set(names) if names.count(name) > 1 and not name.startswith("__")] == []


def test_every_method_of_the_protocols_is_tried() -> None:
    assert set(READS) == methods(Snapshot) | methods(MatchingSnapshot)
    assert set(WRITES) == methods(Transaction) | methods(MatchingTransaction)


def fill(store: SqlStore) -> Ids:
    """Something of every kind for our tenant."""
    ids: Ids = {}
    with store.transaction() as tx:
        tx.record_event(OURS, event(), [Outcome("acme-hubspot", "", Decision.ADMITTED, None)])
        tx.park(OURS, "c_2", ParkedEvent("queast", "e1", ("acme-hubspot",)))
        tx.put_entity(OURS, "company", "c_1", 5, b"state", NOON)
        tx.set_bookmarked(OURS, "c_1", True)
        tx.suppress(OURS, "company", "c_1", "opted out", NOON)
        tx.put_link(OURS, link())
        tx.put_link(OURS, link(queast_id="c_4", partner_id="904", rule="name", standing="inferred"))
        tx.start_mirror(OURS, A, OBJ, NOON)
        record = MirrorRecord("1", {"domain": ("a.example",)}, MirrorCard("ACME"), ("acme",))
        tx.put_mirror_page(OURS, A, OBJ, [record], "page-2", NOON)
        tx.put_mirror_record(OURS, OWN_ACCOUNT, OWN_COMPANIES, record)
        tx.reject_pair(OURS, Rejection(A, OBJ, "c_1", "902", "ana", "another company", NOON))
        ids["review"] = tx.put_review(OURS, review())
        ids["answered"] = tx.put_review(OURS, review(queast_id="c_2"))
        tx.answer_review(OURS, ids["answered"], 1, said("create"))
        tx.put_before_images(OURS, [image()])
        tx.put_last_written(OURS, A, OBJ, "901", {"city": "hash"}, NOON)
        tx.put_receipt(OURS, receipt(review_id=ids["review"]))
        tx.ensure_bookmark(OURS, bookmark())
        for key in ("done", "dead", "sending", "pending"):
            ids[key] = tx.append(OURS, delivery(key, root=f"r_{key}", queast_id=f"c_{key}", projection_key=f"c_{key}"))
            if key != "pending":
                tx.take(OURS, C, NOON, 1, 1)
        tx.finish(OURS, ids["done"], 1, NOON, Delivered("901"), SENT)
        tx.finish(OURS, ids["dead"], 1, NOON, Dead(ErrorClass.REJECT, "no"), SENT)
        tx.append(OURS, delivery("waiting", root="r_waiting", needs=("mirror:companies",)))
        tx.pause(OURS, C, None, "by hand")
        tx.count(OURS, C, NOON.date(), "created")
        tx.put_fact(OURS, C, "budget", {"left": 1})
        tx.accept_release(OURS, 3, DIGEST, NOON)
    return ids


def rows_of(tx: Any, tenant: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tenant in every table, straight from the database."""
    return {
        table.name: sorted(
            tx.connection.execute(f"SELECT * FROM {table.name} WHERE tenant = '{tenant}'").fetchall(), key=repr
        )
        for table in metadata.sorted_tables
        if table.name != "epochs"
    }


@pytest.mark.parametrize("name", READS)
def test_a_read_shows_the_owner_something_and_another_tenant_nothing(store: SqlStore, name: str) -> None:
    ids = fill(store)
    with store.read() as snapshot:
        assert READS[name](snapshot, OURS, ids) not in NOTHING
        assert READS[name](snapshot, THEIRS, ids) in NOTHING


@pytest.mark.parametrize("name", WRITES)
def test_a_write_of_another_tenant_leaves_every_row_of_ours_as_it_was(store: SqlStore, name: str) -> None:
    ids = fill(store)
    with store.transaction() as tx:
        before = rows_of(tx, OURS)
        assert all(before.values())
        WRITES[name](tx, THEIRS, ids)
        assert rows_of(tx, OURS) == before
