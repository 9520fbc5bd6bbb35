"""Events, entities, suppression, links, mirror, reviews and connections keep what they are given, and only that."""

from __future__ import annotations

import sqlite3

import pytest

from queast_runtime.ports.matches import ReviewAnswer, StaleVersion
from queast_runtime.ports.rows import (
    Decision,
    DecisionCount,
    LinkTaken,
    MirrorRecord,
    Outcome,
    ReleaseOlder,
)
from queast_runtime.store.open import SqlStore
from store.samples import DIGEST, NOON, after, event, link, review

T = "acme"
A, OBJ = "hub-1", "companies"


def test_a_repeated_event_is_counted_and_changes_nothing(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.record_event(T, event(), [Outcome("acme-hubspot", "notes", Decision.REFUSED, "not strict")])
        assert not tx.record_event(T, event(body=b"other", decision=Decision.STALE))
        assert tx.event_seen(T, "queast", "e1")
        assert tx.event_body(T, "queast", "e1") == event().body
        (row,) = tx.events_with_id(T, "e1")
        assert (row.decision, row.repeats, row.received_at) == (Decision.ADMITTED, 1, NOON)
        assert tx.decision_counts(T) == (
            DecisionCount("", Decision.ADMITTED, None, 1),
            DecisionCount("", Decision.DUPLICATE, None, 1),
            DecisionCount("acme-hubspot", Decision.REFUSED, "not strict", 1),
        )


def test_an_older_sequence_never_replaces_a_state_and_of_equals_the_last_stays(store: SqlStore) -> None:
    with store.transaction() as tx:
        assert tx.put_entity(T, "company", "c_1", 5, b"five", NOON)
        assert tx.put_entity(T, "company", "c_1", 5, b"again", NOON)
        assert not tx.put_entity(T, "company", "c_1", 4, b"four", NOON)
        assert tx.entity(T, "company", "c_1").state == b"again"
        assert tx.put_entity(T, "company", "c_1", 6, None, NOON)
        assert tx.entity(T, "company", "c_1").state is None
        assert not tx.put_entity(T, "company", "c_1", 5, b"back", NOON)


def test_suppression_keeps_its_first_reason_and_denies_until_lifted(store: SqlStore) -> None:
    """D5.3"""
    with store.transaction() as tx:
        assert tx.suppress(T, "company", "c_1", "opted out", NOON)
        assert not tx.suppress(T, "company", "c_1", "again", after(1))
        assert tx.suppressed(T, [("signal", "s_1"), ("company", "c_1")]) == {("company", "c_1")}
        assert [(s.reason, s.since) for s in tx.suppressions(T)] == [("opted out", NOON)]
        assert tx.unsuppress(T, "company", "c_1")
        assert tx.suppressed(T, [("company", "c_1")]) == frozenset()


def test_a_link_is_one_to_one_and_the_refusal_names_who_holds_it(store: SqlStore) -> None:
    """D3.4: one-to-one uniqueness enforced by the database."""
    with store.transaction() as tx:
        assert tx.put_link(T, link())
        assert not tx.put_link(T, link())
        with pytest.raises(LinkTaken) as taken:
            tx.put_link(T, link(queast_id="c_2"))
        assert (taken.value.queast_id, taken.value.partner_id) == ("c_1", "901")
        with pytest.raises(LinkTaken) as taken:
            tx.put_link(T, link(partner_id="902"))
        assert (taken.value.queast_id, taken.value.partner_id) == ("c_1", "901")
        assert tx.put_link(T, link(account="hub-2"))
        assert tx.link(T, A, OBJ, "c_1") == link()
        assert tx.link_to(T, A, OBJ, "901") == link()
        assert len(tx.links(T)) == 2
        assert len(tx.links(T, A)) == 1


def test_the_database_itself_refuses_a_second_owner_of_a_record(store: SqlStore, url: str) -> None:
    with store.transaction() as tx:
        tx.put_link(T, link())
    copy = (
        "INSERT INTO links SELECT tenant, account, object, 'c_9', partner_id, rule, evidence, score, plan_digest,"
        " actor, created_at, created_record, connection, standing, confirmed_by, confirmed_at FROM links"
    )
    with pytest.raises(Exception, match=r"(?i)unique") as refused:
        run_raw(url, copy)
    assert type(refused.value).__name__ in ("IntegrityError", "UniqueViolation")


@pytest.mark.parametrize("statement", ["UPDATE link_history SET actor = 'x'", "DELETE FROM link_history"])
def test_the_history_of_links_cannot_be_rewritten(store: SqlStore, url: str, statement: str) -> None:
    """D3.4: append-only history."""
    with store.transaction() as tx:
        tx.put_link(T, link(), "first")
        assert tx.remove_link(T, A, OBJ, "c_1", actor="ana", reason="wrong company", at=after(1))
        assert not tx.remove_link(T, A, OBJ, "c_1", actor="ana", reason="", at=after(1))
    with pytest.raises(Exception, match="append-only"):
        run_raw(url, statement)
    with store.read() as snapshot:
        changes = snapshot.link_history(T, A, OBJ, "c_1")
    assert [(c.action, c.actor, c.reason, c.at) for c in changes] == [
        ("linked", "engine", "first", NOON),
        ("unlinked", "ana", "wrong company", after(1)),
    ]
    assert changes[0].link == link()


def run_raw(url: str, statement: str) -> None:
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            connection.close()
        return
    import psycopg

    with psycopg.connect(url) as server:
        server.execute(statement)


def test_a_mirror_is_complete_after_its_last_page_and_resumes_from_its_cursor(store: SqlStore) -> None:
    """D3.1"""
    with store.transaction() as tx:
        with pytest.raises(LookupError, match="start it first"):
            tx.put_mirror_page(T, A, OBJ, [], None, NOON)
        tx.start_mirror(T, A, OBJ, NOON)
        first = MirrorRecord("1", {"domain": ("a.example", "b.example"), "external_id": ("c_1",)})
        tx.put_mirror_page(T, A, OBJ, [first], "page-2", NOON)
        state = tx.mirror_state(T, A, OBJ)
        assert (state.complete, state.cursor, state.synced_at) == (False, "page-2", None)
        tx.put_mirror_page(T, A, OBJ, [MirrorRecord("2", {"domain": ("b.example",)})], None, after(5))
        state = tx.mirror_state(T, A, OBJ)
        assert (state.complete, state.filling, state.cursor, state.synced_at) == (True, False, None, after(5))
        assert tx.mirror_find(T, A, OBJ, "domain", "b.example") == ("1", "2")
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("1", {"domain": ("c.example",)}))
        assert tx.mirror_find(T, A, OBJ, "domain", "b.example") == ("2",)
        assert tx.mirror_find(T, A, OBJ, "external_id", "c_1") == ()
        assert tx.mirror_size(T, A, OBJ) == 2


def test_a_second_filling_drops_what_it_did_not_meet_but_keeps_our_own_writes(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.start_mirror(T, A, OBJ, NOON)
        records = [MirrorRecord(n, {"domain": (f"{n}.example",)}) for n in ("1", "2")]
        tx.put_mirror_page(T, A, OBJ, records, None, NOON)
        tx.start_mirror(T, A, OBJ, after(10))
        assert tx.mirror_state(T, A, OBJ).complete
        assert tx.mirror_find(T, A, OBJ, "domain", "2.example") == ("2",)
        tx.put_mirror_record(T, A, OBJ, MirrorRecord("3", {"domain": ("3.example",)}))
        tx.put_mirror_page(T, A, OBJ, records[:1], None, after(11))
        found = [tx.mirror_find(T, A, OBJ, "domain", f"{n}.example") for n in "123"]
        assert found == [("1",), (), ("3",)]
        assert tx.remove_mirror_record(T, A, OBJ, "3")
        assert not tx.remove_mirror_record(T, A, OBJ, "3")


def test_one_review_is_open_for_an_entity_and_its_answer_is_kept(store: SqlStore) -> None:
    answer = ReviewAnswer("link", "902", "ana", after(9))
    with store.transaction() as tx:
        id_ = tx.put_review(T, review())
        assert tx.put_review(T, review(reason="another")) == id_
        assert tx.open_review(T, A, OBJ, "c_1").candidates == ({"partner_id": "901"}, {"partner_id": "902"})
        assert tx.answer_review(T, id_, 1, answer).answer == answer
        with pytest.raises(StaleVersion) as stale:
            tx.answer_review(T, id_, 1, answer)
        assert (stale.value.review.version, stale.value.review.answer) == (2, answer)
        assert tx.open_review(T, A, OBJ, "c_1") is None
        assert tx.last_answer(T, A, OBJ, "c_1") == answer
        assert tx.put_review(T, review(created_at=after(20))) != id_
        assert [len(tx.reviews(T)), len(tx.reviews(T, still_open=False))] == [1, 2]


def test_a_connection_keeps_its_pause_its_last_success_counters_and_facts(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.pause(T, "hubspot-main", after(30), "the destination asked to wait")
        tx.record_success(T, "hubspot-main", after(5))
        tx.record_success(T, "hubspot-main", after(4))
        state = tx.connection_state(T, "hubspot-main")
        assert (state.paused, state.paused_until, state.last_success) == (True, after(30), after(5))
        tx.resume(T, "hubspot-main")
        assert not tx.connection_state(T, "hubspot-main").paused
        tx.count(T, "hubspot-main", NOON.date(), "created", 2)
        tx.count(T, "hubspot-main", NOON.date(), "created")
        assert tx.counters(T, "hubspot-main", NOON.date()) == {"created": 3}
        tx.put_fact(T, "hubspot-main", "quarantine:companies:size", {"since": 1})
        tx.put_fact(T, "hubspot-main", "budget", {"left": 5})
        tx.put_fact(T, "hubspot-main", "budget", None)
        assert tx.facts(T, "hubspot-main") == {"quarantine:companies:size": {"since": 1}}


def test_an_older_release_is_refused_for_ever(store: SqlStore) -> None:
    """D6.5: a rising sequence."""
    with store.transaction() as tx:
        assert tx.accept_release(T, 3, DIGEST, NOON)
        assert not tx.accept_release(T, 3, DIGEST, NOON)
        with pytest.raises(ReleaseOlder, match="older than 3"):
            tx.accept_release(T, 2, DIGEST, NOON)
        with pytest.raises(ReleaseOlder, match="another content"):
            tx.accept_release(T, 3, "sha256:other", NOON)
        assert tx.accepted_release(T).sequence == 3
