"""What a person's answer to a call does, and what taking it back leaves."""

from __future__ import annotations

import asyncio

from inbound.place import Place, highlight
from queast_runtime.delivery.bookmarking import ends_in_bookmarks
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.bulk import Pick, bulk_preview
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Done, Outcome, Refused, Reviewer
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import MirrorRecord
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


def rejected(place: Place, review: Review) -> set[str]:
    with place.store.read() as view:
        return set(view.rejections("north", review.account, review.object, review.queast_id))


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


def test_a_company_that_was_rejected_for_a_call_is_not_asked_about_again(place: Place) -> None:
    answered(place, asked_about_nordic(place), "reject", "c_1")
    place.send(highlight("Nordic Data AS", 2), "msg_2")
    assert place.reviews() == ()
    assert place.receipt("msg_2").outcome == "unmatched"
    assert place.bookmarks() == ()


def test_a_company_that_comes_later_is_asked_about_without_the_one_that_was_rejected(place: Place) -> None:
    answered(place, asked_about_nordic(place), "reject")
    place.know("north", id="c_2", name="Nordic Data ASA", country="NO", domain="nordic-data.example")
    place.send(highlight("Nordic Data AS", 2), "msg_2")
    assert [each["partner_id"] for each in only(place).candidates] == ["c_2"]


def test_a_company_with_the_domain_is_bookmarked_for_no_sender_that_it_was_rejected_for(place: Place) -> None:
    answered(place, asked_about_nordic(place, id="77"), "reject", "c_1")
    place.send(highlight("Nordic Data AS", 2, id="77", domain="nordic.example"), "msg_2")
    assert place.bookmarks() == ()
    place.send(highlight("Nordic Data AS", 3, id="78", domain="nordic.example"), "msg_3")
    assert [each.company_id for each in place.bookmarks()] == ["c_1"]


def test_taking_a_rejection_back_makes_the_company_a_candidate_again(place: Place) -> None:
    place.know("north", id="c_2", name="Nordic Data ASA", country="NO", domain="nordic-data.example")
    review = asked_about_nordic(place)
    assert {each["partner_id"] for each in review.candidates} == {"c_1", "c_2"}
    struck = answered(place, review, "reject", "c_1").review
    ended = answered(place, struck, "reject").review
    assert rejected(place, review) == {"c_1", "c_2"}
    back = undone(place, ended).review
    assert rejected(place, review) == {"c_1"}
    undone(place, back)
    assert rejected(place, review) == set()


def test_a_call_that_is_about_none_of_ours_is_asked_about_again_once_there_is_a_company_that_may_be_it(
    place: Place,
) -> None:
    place.send(highlight("Nordic Data AS", 1), "msg_1")
    answered(place, only(place), "reject")
    place.send(highlight("Nordic Data AS", 2), "msg_2")
    assert place.reviews() == ()
    place.know("north", **NORDIC)
    place.send(highlight("Nordic Data AS", 3), "msg_3")
    assert [each["partner_id"] for each in only(place).candidates] == ["c_1"]


def test_no_answer_bookmarks_a_company_that_is_gone(place: Place) -> None:
    review = asked_about_nordic(place)
    place.know("north", kind="deleted", **{**NORDIC, "sequence": 2})
    assert answer(place, review, "link", "c_1") == Refused("company c_1 was deleted", "reject the case")
    assert place.bookmarks() == ()
    assert place.receipt("msg_1").outcome == "waiting"


def links(place: Place) -> dict[str, str]:
    with place.store.read() as view:
        return {each.queast_id: each.partner_id for each in view.links("north")}


def test_accepting_says_which_record_of_the_sender_it_links(place: Place) -> None:
    review = asked_about_nordic(place, id="77")
    with place.store.read() as view:
        preview = bulk_preview(view, "north", [Pick(review.id, review.version)], "link")
    said = "company c_1 is bookmarked, and the sender's record, companies 77 of account warehouse, is linked to it"
    assert [each.effect.partition(":")[0] for each in preview.cases] == [said]
    assert answered(place, review, "link", "c_1").effect.partition(":")[0] == said
    assert links(place) == {"c_1": "77"}


def test_no_record_is_linked_that_the_senders_account_does_not_have(place: Place) -> None:
    review = asked_about_nordic(place, id="77")
    with place.store.transaction() as tx:
        tx.start_mirror("north", "warehouse", "companies", place.clock.now())
        tx.put_mirror_page("north", "warehouse", "companies", [MirrorRecord("78", {})], None, place.clock.now())
    accepted = answered(place, review, "link", "c_1")
    assert accepted.effect == "company c_1 is bookmarked"
    assert links(place) == {}
    back = undone(place, accepted.review).review
    with place.store.transaction() as tx:
        tx.put_mirror_record("north", "warehouse", "companies", MirrorRecord("77", {}))
    answered(place, back, "link", "c_1")
    assert links(place) == {"c_1": "77"}
