"""Rejections, standings, versions of reviews, before-images, receipts and bookmarks keep what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from queast_runtime.ports.matches import (
    AnotherOpen,
    Choice,
    QueuePlace,
    Review,
    ReviewAnswer,
    ReviewCount,
    StaleVersion,
)
from queast_runtime.ports.rows import LinkTaken, PairLinked, PairRejected, Rejection
from queast_runtime.ports.store import Transaction
from queast_runtime.store.open import SqlStore
from store.samples import NOON, after, bookmark, delivery, image, link, receipt, review
from store.test_rows import run_raw

T, A, OBJ, C = "acme", "hub-1", "companies", "hubspot-main"
NO = Rejection(A, OBJ, "c_1", "901", "ana", "another company", NOON)


def said(choice: Choice, at: float = 5, **changes: Any) -> ReviewAnswer:
    return ReviewAnswer(choice, changes.get("partner_id"), "ana", after(at), "reviewer", changes.get("note", ""))


def test_a_confirmed_link_is_established_and_the_history_says_by_whom(store: SqlStore) -> None:
    """D3.4: an inferred link becomes evidence only when a person confirms it."""
    with store.transaction() as tx:
        tx.put_link(T, link(rule="name", standing="inferred", score=0.97))
        confirm = {"actor": "ana", "reason": "looked at both", "at": after(5)}
        assert tx.confirm_link(T, A, OBJ, "c_1", **confirm)
        assert not tx.confirm_link(T, A, OBJ, "c_1", **confirm)
        assert not tx.confirm_link(T, A, OBJ, "c_9", **confirm)
        held = tx.link(T, A, OBJ, "c_1")
        assert held == link(rule="name", standing="established", score=0.97, confirmed_by="ana", confirmed_at=after(5))
        linked, confirmed = tx.link_history(T, A, OBJ, "c_1")
        assert (linked.action, linked.link.standing) == ("linked", "inferred")
        assert (confirmed.action, confirmed.link, confirmed.reason) == ("confirmed", held, "looked at both")


def test_a_rejected_pair_is_not_linked_until_the_rejection_is_taken_back(store: SqlStore) -> None:
    """D3.4: rejections are remembered."""
    with store.transaction() as tx:
        assert tx.reject_pair(T, NO)
        assert not tx.reject_pair(T, NO)
        assert tx.rejections(T, A, OBJ, "c_1") == {"901"}
        assert tx.rejection(T, A, OBJ, "c_1", "901") == NO
        with pytest.raises(PairRejected, match="901 of account hub-1 was rejected for c_1"):
            tx.put_link(T, link())
        assert tx.put_link(T, link(partner_id="902"))
        assert tx.put_link(T, link(queast_id="c_2"))
        with pytest.raises(LinkTaken):
            tx.put_link(T, link(queast_id="c_3"))
        with pytest.raises(PairLinked, match="unlink it first"):
            tx.reject_pair(T, Rejection(A, OBJ, "c_2", "901", "ana", "", NOON))
        assert tx.unreject_pair(T, A, OBJ, "c_1", "901")
        assert not tx.unreject_pair(T, A, OBJ, "c_1", "901")
        assert tx.rejections(T, A, OBJ, "c_1") == frozenset()


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE links SET partner_id = '901'", "the pair was rejected"),
        (
            "INSERT INTO links SELECT tenant, account, object, queast_id, '901', rule, evidence, score, plan_digest,"
            " actor, created_at, created_record, connection, standing, confirmed_by, confirmed_at FROM links",
            "the pair was rejected",
        ),
        ("UPDATE rejections SET partner_id = '902'", "the pair is linked"),
        (
            "INSERT INTO rejections SELECT tenant, account, object, queast_id, '902', actor, reason, rejected_at"
            " FROM rejections",
            "the pair is linked",
        ),
        ("UPDATE review_history SET actor = 'x'", "the history of reviews is append-only"),
        ("DELETE FROM review_history", "the history of reviews is append-only"),
    ],
)
def test_the_database_itself_refuses_what_no_code_of_ours_may_do(
    store: SqlStore, url: str, statement: str, refusal: str
) -> None:
    """D3.4: enforced by the database."""
    with store.transaction() as tx:
        tx.reject_pair(T, NO)
        tx.put_link(T, link(partner_id="902"))
        tx.put_review(T, review())
    with pytest.raises(Exception, match=refusal):
        run_raw(url, statement)


def test_links_are_listed_by_page_and_by_what_they_are(store: SqlStore) -> None:
    with store.transaction() as tx:
        for number in range(5):
            how = {"rule": "name", "standing": "inferred"} if number % 2 else {}
            tx.put_link(T, link(queast_id=f"c_{number}", partner_id=str(number), created_at=after(number), **how))
        tx.put_link(T, link(account="hub-2", connection="hubspot-two"))
        assert [one.queast_id for one in tx.links(T, standing="inferred")] == ["c_1", "c_3"]
        assert [one.queast_id for one in tx.links(T, rule="name", connection=C)] == ["c_1", "c_3"]
        assert [one.account for one in tx.links(T, connection="hubspot-two")] == ["hub-2"]
        first = tx.links(T, A, limit=2)
        rest = tx.links(T, A, after=(A, OBJ, first[-1].queast_id), limit=10)
        assert [one.queast_id for one in first + rest] == [f"c_{number}" for number in range(5)]
        assert (tx.count_links(T, C), tx.count_links(T, "hubspot-two")) == (5, 1)
        tx.confirm_link(T, A, OBJ, "c_1", actor="ana", reason="", at=after(8))
        tx.remove_link(T, A, OBJ, "c_3", actor="ana", reason="", at=after(9))
        newest = tx.link_changes(T, 2)
        assert [(one.action, one.link.queast_id) for one in newest] == [("unlinked", "c_3"), ("confirmed", "c_1")]
        assert len(tx.link_changes(T, 100, after=newest[-1].number)) == 6
        # The inferred c_3 was made and taken down; c_4 is established, and what a person confirms changes no link.
        assert tx.count_link_changes(T, C, after(3)) == 2


def test_an_answer_to_an_older_version_is_refused_with_the_answer_that_came_first(store: SqlStore) -> None:
    with store.transaction() as tx:
        id_ = tx.put_review(T, review())
        answered = tx.answer_review(T, id_, 1, said("link", partner_id="902", note="same address"))
        assert (answered.version, answered.answer) == (2, said("link", partner_id="902", note="same address"))
        late: list[Callable[[], Review]] = [
            lambda: tx.answer_review(T, id_, 1, said("create")),
            lambda: tx.answer_review(T, id_, 2, said("create")),
            lambda: tx.put_off_review(T, id_, 2, said("skip")),
            lambda: tx.mark_unsure(T, id_, 2, said("unsure")),
            lambda: tx.change_review(T, id_, 2, reason="", candidates=(), actor="ana", at=NOON),
            lambda: tx.reopen_review(T, id_, 1, "ana", NOON),
        ]
        for call in late:
            with pytest.raises(StaleVersion, match="it is at version 2; look at it again") as stale:
                call()
            assert stale.value.review == answered
        with pytest.raises(LookupError, match="there is no review nine"):
            tx.answer_review(T, "nine", 1, said("create"))


@pytest.mark.parametrize(
    "call",
    [
        lambda tx, id_: tx.answer_review(T, id_, 1, said("skip")),
        lambda tx, id_: tx.put_off_review(T, id_, 1, said("create")),
        lambda tx, id_: tx.mark_unsure(T, id_, 1, said("skip")),
    ],
)
def test_a_choice_in_the_wrong_place_is_refused(
    sqlite_store: SqlStore, call: Callable[[Transaction, str], Review]
) -> None:
    with sqlite_store.transaction() as tx:
        id_ = tx.put_review(T, review())
        with pytest.raises(ValueError, match="review"):
            call(tx, id_)
        assert tx.review(T, id_).version == 1


def test_what_is_put_off_goes_behind_and_comes_back_when_taken_back(store: SqlStore) -> None:
    with store.transaction() as tx:
        ids = [tx.put_review(T, review(queast_id=f"c_{n}", created_at=after(n))) for n in range(3)]
        tx.put_off_review(T, ids[0], 1, said("skip", 50))
        unsure = tx.mark_unsure(T, ids[1], 1, said("unsure", 60, note="two towns"))
        assert (unsure.version, unsure.put_off_at, unsure.unsure_by, unsure.answer) == (2, after(60), "ana", None)
        assert [one.id for one in tx.reviews(T)] == [ids[2], ids[0], ids[1]]
        assert [one.id for one in tx.reviews(T, limit=2)] == [ids[2], ids[0]]
        assert [one.id for one in tx.reviews(T, after=ids[0])] == [ids[1]]
        assert tx.put_off_review(T, ids[1], 2, said("skip", 70)).unsure_by == "ana"
        back = tx.reopen_review(T, ids[1], 3, "ana", after(80))
        assert (back.version, back.put_off_at, back.unsure_by) == (4, None, None)
        assert [one.id for one in tx.reviews(T)] == [ids[1], ids[2], ids[0]]
        steps = tx.review_history(T, ids[1], limit=10)
        assert [step.action for step in steps] == ["undone", "put_off", "unsure", "opened"]
        assert steps[2].answer == said("unsure", 60, note="two towns")
        assert tx.review_history(T, ids[1], limit=1, after=steps[2].number) == steps[3:]
        assert [step.number for step in tx.review_history(T, limit=3)] == [7, 6, 5]


def test_an_answer_is_taken_back_unless_another_review_of_the_entity_is_open(store: SqlStore) -> None:
    with store.transaction() as tx:
        first = tx.put_review(T, review())
        tx.answer_review(T, first, 1, said("create"))
        second = tx.put_review(T, review(created_at=after(9)))
        with pytest.raises(AnotherOpen) as other:
            tx.reopen_review(T, first, 2, "ana", after(10))
        assert other.value.review.id == second
        tx.answer_review(T, second, 1, said("withdrawn", 11))
        assert [one.id for one in tx.answered_reviews(T, limit=5)] == [first]
        again = tx.reopen_review(T, first, 2, "ana", after(12))
        assert (again.version, again.answer) == (3, None)
        assert tx.open_review(T, A, OBJ, "c_1") == again
        assert tx.last_answer(T, A, OBJ, "c_1") == said("withdrawn", 11)


def test_a_sample_and_a_match_of_one_entity_are_open_beside_each_other(store: SqlStore) -> None:
    with store.transaction() as tx:
        match, sample = tx.put_review(T, review()), tx.put_review(T, review(kind="sample"))
        assert match != sample
        assert tx.open_review(T, A, OBJ, "c_1", "sample").id == sample
        assert [one.id for one in tx.reviews(T, kind="sample", connection=C)] == [sample]
        tx.put_off_review(T, match, 1, said("skip"))
        tx.answer_review(T, sample, 1, said("reject", partner_id="901"))
        assert [one.id for one in tx.answered_reviews(T, kind="sample", limit=5)] == [sample]
        assert tx.last_answer(T, A, OBJ, "c_1") is None
        assert set(tx.review_counts(T)) == {
            ReviewCount(C, "match", None, 1, 1),
            ReviewCount(C, "sample", "reject", 1, 0),
        }


def test_a_changed_review_goes_on_with_other_candidates(store: SqlStore) -> None:
    with store.transaction() as tx:
        id_ = tx.put_review(T, review())
        left = ({"partner_id": "902", "name": "ACME Øst"},)
        changed = tx.change_review(T, id_, 1, reason="one of two is left", candidates=left, actor="ana", at=after(3))
        assert (changed.version, changed.candidates, changed.reason) == (2, left, "one of two is left")
        assert changed.subject == {"name": "ACME"}
        with pytest.raises(StaleVersion):
            tx.answer_review(T, id_, 1, said("link", partner_id="901"))


def test_the_first_before_image_of_a_delivery_stays_and_is_undone_once(store: SqlStore) -> None:
    """D3.4: `unlink --revert` restores the before-images, kept 30 days."""
    with store.transaction() as tx:
        tx.put_before_images(T, [image(), image(property="phone", before=None)])
        # An attempt of unknown outcome may have written: the second read would give our own value.
        tx.put_before_images(T, [image(before="Bergen", at=after(60))])
        tx.put_before_images(T, [image(delivery_id="d2", before={"a": [1]}, at=after(90))])
        kept = tx.before_images(T, A, OBJ, "901", NOON)
        assert kept == (
            image(delivery_id="d2", before={"a": [1]}, at=after(90)),
            image(),
            image(property="phone", before=None),
        )
        assert tx.before_images(T, A, OBJ, "901", after(61)) == kept[:1]
        assert tx.mark_undone(T, image(), after(99))
        assert not tx.mark_undone(T, image(), after(99))
        assert tx.before_images(T, A, OBJ, "901", NOON)[1] == image(undone_at=after(99))
        assert tx.drop_before_images(T, "d2") == 1
        assert tx.expire_before_images(T, NOON) == 0
        assert tx.expire_before_images(T, after(1)) == 2
        assert tx.before_images(T, A, OBJ, "901", NOON) == ()


def test_the_hash_of_what_we_wrote_last_is_replaced_or_forgotten_by_property(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.put_last_written(T, A, OBJ, "901", {"city": "h1", "name": "h2"}, NOON)
        tx.put_last_written(T, A, OBJ, "901", {"city": "h3", "name": None, "phone": None}, after(1))
        tx.put_last_written(T, A, OBJ, "902", {"city": "h4"}, after(1))
        assert tx.last_written(T, A, OBJ, "901") == {"city": "h3"}


def test_a_message_is_received_once_and_forgotten_unless_it_belongs_to_a_case(store: SqlStore) -> None:
    """D6.4: id memory."""
    with store.transaction() as tx:
        waiting = receipt(review_id="r1")
        assert tx.put_receipt(T, waiting)
        assert not tx.put_receipt(T, receipt(outcome="ignored"))
        assert tx.put_receipt(T, receipt(message_id="msg_2", outcome="bookmarked", company_id="c_1"))
        assert tx.put_receipt(T, receipt(connection="other"))
        assert tx.inbound_receipt(T, "highlights", "msg_1") == waiting
        assert tx.receipts_of_review(T, "r1") == (waiting,)
        assert tx.expire_receipts(T, after(1)) == 1
        assert tx.settle_receipt(T, "highlights", "msg_1", "bookmarked", "c_2")
        assert not tx.settle_receipt(T, "highlights", "msg_1", "unmatched", None)
        settled = tx.inbound_receipt(T, "highlights", "msg_1")
        assert (settled.outcome, settled.company_id) == ("bookmarked", "c_2")
        assert tx.expire_receipts(T, after(1)) == 0
        assert tx.unsettle_receipts(T, "r1") == 1
        assert tx.inbound_receipt(T, "highlights", "msg_1") == waiting
        assert tx.unsettle_receipts(T, "r1") == 0


def test_a_company_is_bookmarked_once_for_each_owner(store: SqlStore) -> None:
    """D1.2: unique (tenant, company, owner) makes repeats harmless."""
    with store.transaction() as tx:
        assert tx.ensure_bookmark(T, bookmark())
        assert not tx.ensure_bookmark(T, bookmark(message_id="msg_2", note="again"))
        assert tx.ensure_bookmark(T, bookmark(owner="bo"))
        assert tx.is_ensured(T, "c_1", "ana")
        assert not tx.is_ensured(T, "c_2", "ana")
        assert tx.ensured_bookmarks(T) == (bookmark(), bookmark(owner="bo"))


def test_a_case_has_its_place_among_those_that_are_looked_for(store: SqlStore) -> None:
    with store.transaction() as tx:
        ids = [tx.put_review(T, review(queast_id=f"c_{n}", created_at=after(n))) for n in range(4)]
        other = tx.put_review(T, review(queast_id="c_9", connection="other", created_at=after(2)))
        tx.mark_unsure(T, ids[0], 1, said("unsure", 60))
        tx.mark_unsure(T, ids[2], 1, said("unsure", 61))
        tx.answer_review(T, ids[3], 1, said("reject"))
        assert tx.queue_place(T, ids[1]) == QueuePlace(1, 4, None, other)
        assert tx.queue_place(T, ids[0]) == QueuePlace(3, 4, other, ids[2])
        assert tx.queue_place(T, ids[2], connection=C, kind="match") == QueuePlace(3, 3, ids[0], None)
        assert tx.queue_place(T, ids[0], unsure=True) == QueuePlace(1, 2, None, ids[2])
        assert tx.queue_place(T, ids[1], unsure=True) == QueuePlace(None, 2, None, ids[0])
        assert tx.queue_place(T, ids[3]).position is None
        assert tx.queue_place(T, "nothing") == QueuePlace(None, 4, None, None)
        assert [one.id for one in tx.reviews(T, unsure=True)] == [ids[0], ids[2]]


def test_deliveries_that_wait_for_one_thing_are_counted(store: SqlStore) -> None:
    with store.transaction() as tx:
        for n, needs in enumerate(
            (("review:companies:c_1",), ("review:companies:c_1", "mirror:companies"), ("x",), ())
        ):
            tx.append(T, delivery(f"d{n}", root=f"r{n}", queast_id=f"q{n}", needs=needs))
        assert tx.count_waiting(T, C, "review:companies:c_1") == 2
        assert tx.count_waiting(T, "other", "review:companies:c_1") == 0
