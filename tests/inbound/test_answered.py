"""What a person's answer to a call does, and what taking it back leaves."""

from __future__ import annotations

import asyncio

from inbound.place import Place, highlight
from queast_runtime.delivery.bookmarking import ends_in_bookmarks
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Done, Outcome, Reviewer
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.matches import Review
from queast_runtime.store.bookmarks import StoreBookmarks

KARI = Reviewer("kari", "reviewer")
NORDIC = {"id": "c_1", "name": "Nordic Data AS", "country": "NO", "domain": "nordic.example"}


def only(place: Place) -> Review:
    (review,) = place.reviews()
    return review


def answer(place: Place, review: Review, choice: Choice, company_id: str | None = None) -> Outcome:
    asked = Answer(review.id, review.version, choice, company_id)
    return answering_in(place.store, "north", asked, KARI, place.clock.now(), ends_in_bookmarks(StoreBookmarks()))


def answered(place: Place, review: Review, choice: Choice, company_id: str | None = None) -> Done:
    outcome = answer(place, review, choice, company_id)
    assert isinstance(outcome, Done), outcome
    return outcome


def undone(place: Place, review: Review) -> Done:
    outcome = undoing_in(place.store, "north", review.id, review.version, KARI, place.clock.now())
    assert isinstance(outcome, Done), outcome
    return outcome


def asked_about_nordic(place: Place, **company: str) -> Review:
    place.know("north", **NORDIC)
    place.send(highlight("Nordic Data AS", 1, note="met at the fair", **company), "msg_1")
    return only(place)


def test_an_answer_bookmarks_whatever_was_answered_and_taken_back_before(place: Place) -> None:
    refused = answered(place, asked_about_nordic(place), "reject").review
    assert place.receipt("msg_1").outcome == "unmatched"
    again = undone(place, refused).review
    assert place.receipt("msg_1").outcome == "waiting"
    answered(place, again, "link", "c_1")
    receipt = place.receipt("msg_1")
    assert (receipt.outcome, receipt.company_id) == ("bookmarked", "c_1")
    assert [(each.company_id, each.note) for each in place.bookmarks()] == [("c_1", "met at the fair")]


def test_an_answer_a_week_later_bookmarks_still(place: Place) -> None:
    refused = answered(place, asked_about_nordic(place), "reject").review
    place.later(days=8)
    asyncio.run(place.door.forget())
    answered(place, undone(place, refused).review, "link", "c_1")
    assert [each.company_id for each in place.bookmarks()] == ["c_1"]


def test_an_answer_needs_no_receipt_to_bookmark(place: Place) -> None:
    review = asked_about_nordic(place)
    with place.store.transaction() as tx:
        tx.connection.execute("DELETE FROM inbound_receipts")
    answered(place, review, "link", "c_1")
    (bookmark,) = place.bookmarks()
    assert (bookmark.company_id, bookmark.connection, bookmark.message_id) == ("c_1", "warehouse", "msg_1")
