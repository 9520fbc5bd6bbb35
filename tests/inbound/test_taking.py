"""What a highlight becomes: one bookmark, a question to a person, or nothing; never a company (D1.1, D1.2)."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from inbound.place import NOW, Place, highlight, opened
from queast_runtime.delivery.bookmarking import ends_in_bookmarks
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Done, Reviewer
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES
from queast_runtime.ports.rows import Link
from queast_runtime.store.bookmarks import StoreBookmarks

ACME = {"id": "c_1", "name": "Acme ASA", "domain": "acme.example", "country": "NO", "city": "Oslo"}


def link(queast_id: str, partner_id: str, standing: str = "established") -> Link:
    return Link(
        account="warehouse",
        object="companies",
        queast_id=queast_id,
        partner_id=partner_id,
        connection="warehouse",
        rule="review" if standing == "established" else "name",
        standing=standing,
        evidence={},
        score=None,
        plan_digest="sha256:" + "0" * 64,
        actor="test",
        created_at=NOW,
        created_record=False,
    )


def test_a_highlight_of_a_company_with_the_same_domain_bookmarks_it_with_its_note(place: Place) -> None:
    """D1.1"""
    place.know("north", **ACME)
    answer = place.send(highlight("Acme", domain="https://www.acme.example/om", note="met at the fair"), "msg_1")
    assert (answer.status, answer.body) == (200, b'{"received":true}')
    (bookmark,) = place.bookmarks()
    assert (bookmark.company_id, bookmark.owner, bookmark.note) == ("c_1", "team:north-sales", "met at the fair")
    with place.store.read() as view:
        assert view.is_bookmarked("north", "c_1")


def test_the_same_message_again_is_acknowledged_and_does_nothing(place: Place) -> None:
    """D1.2"""
    place.know("north", **ACME)
    body = highlight("Acme", domain="acme.example")
    first = place.send(body, "msg_1")
    with place.store.transaction() as tx:
        tx.set_bookmarked("north", "c_1", False)
    place.later(seconds=90)
    assert place.send(body, "msg_1") == first
    assert len(place.bookmarks()) == 1
    with place.store.read() as view:
        assert not view.is_bookmarked("north", "c_1")


def test_another_message_of_the_same_company_makes_no_second_bookmark_and_keeps_the_first_note(place: Place) -> None:
    """D1.2"""
    place.know("north", **ACME)
    place.send(highlight("Acme", domain="acme.example", note="first"), "msg_1")
    place.send(highlight("Acme", domain="acme.example", note="second"), "msg_2")
    assert [each.note for each in place.bookmarks()] == ["first"]
    receipt = place.receipt("msg_2")
    assert receipt is not None
    assert (receipt.outcome, receipt.company_id) == ("bookmarked", "c_1")


def test_another_body_under_a_known_id_is_refused_and_nothing_happens(place: Place) -> None:
    place.know("north", **ACME)
    place.know("north", id="c_2", name="Other", domain="other.example")
    place.send(highlight("Acme", domain="acme.example"), "msg_1")
    altered = place.send(highlight("Other", domain="other.example"), "msg_1")
    assert (altered.status, altered.body) == (401, b'{"error":"not accepted"}')
    assert [each.company_id for each in place.bookmarks()] == ["c_1"]


def test_a_stored_link_goes_before_the_domain(place: Place) -> None:
    place.know("north", **ACME)
    place.know("north", id="c_2", name="Acme Sverige AB", domain="acme-se.example")
    with place.store.transaction() as tx:
        tx.put_link("north", link("c_2", "77"))
    place.send(highlight("Acme", id="77", domain="acme.example"), "msg_1")
    assert [each.company_id for each in place.bookmarks()] == ["c_2"]


def test_an_inferred_link_is_no_evidence(place: Place) -> None:
    """D3.4"""
    place.know("north", **ACME)
    with place.store.transaction() as tx:
        tx.put_link("north", link("c_1", "77", "inferred"))
    place.send(highlight("Acme Trading", id="77"), "msg_1")
    assert place.bookmarks() == ()
    (review,) = place.reviews()
    assert review.reason == "the link to the record was only inferred"
    assert [each["partner_id"] for each in review.candidates] == ["c_1"]


def test_a_link_to_a_company_that_is_gone_finds_nobody(place: Place) -> None:
    place.know("north", **ACME)
    with place.store.transaction() as tx:
        tx.put_link("north", link("c_1", "77"))
    place.know("north", kind="deleted", **{**ACME, "sequence": 2})
    place.send(highlight("Acme", id="77", domain="acme.example"), "msg_1")
    assert place.bookmarks() == ()
    (review,) = place.reviews()
    assert review.candidates == ()


@pytest.mark.parametrize(
    ("companies", "sent", "reason", "offered"),
    [
        ([], {"domain": "acme.example"}, "none of Queast's companies fits", []),
        (
            [{"id": "c_2", "name": "Acme Norge", "domain": "acme.example"}],
            {"domain": "acme.example"},
            "several companies have the domain",
            ["c_1", "c_2"],
        ),
        ([{"id": "c_3", "name": "A", "domain": "gmail.com"}], {"domain": "gmail.com"}, "shared by unrelated", ["c_3"]),
        ([], {}, "the name is not enough to be sure", ["c_1"]),
        # A letter of another alphabet: another domain, and another name.
        ([], {"domain": "аcme.example"}, "none of Queast's companies fits", []),
    ],
    ids=["nobody", "several", "shared domain", "name of another town", "homograph"],
)
def test_what_is_not_surely_one_of_ours_waits_for_a_person(
    place: Place, companies: list[dict[str, str]], sent: dict[str, str], reason: str, offered: list[str]
) -> None:
    """D3.4"""
    if sent.get("domain") != "acme.example" or companies:
        place.know("north", **ACME)
    for company in companies:
        place.know("north", **company)
    name = "acme  asa" if not sent else "Unknown AS"
    answer = place.send(highlight(name, country="no", city="Bergen", **sent), "msg_1")
    assert answer.status == 200
    assert place.bookmarks() == ()
    (review,) = place.reviews()
    assert reason in review.reason
    assert [each["partner_id"] for each in review.candidates] == offered
    assert (review.kind, review.entity, review.account, review.object) == (
        "inbound",
        "company",
        OWN_ACCOUNT,
        OWN_COMPANIES,
    )
    assert (review.subject["name"], review.subject["country"], review.subject["city"]) == (name, "NO", "Bergen")
    receipt = place.receipt("msg_1")
    assert receipt is not None
    assert (receipt.outcome, receipt.review_id) == ("waiting", review.id)


def test_the_same_name_in_the_same_country_is_sure_and_says_so_only_to_the_bookmark(place: Place) -> None:
    """The rule by name links nothing by itself: what it infers is evidence for no other match (D3.4)."""
    place.know("north", id="c_1", name="Fjellvarme Installasjon AS", country="NO", city="Oslo")
    place.know("north", id="c_2", name="Kystlinjen Rederi ASA", country="NO", city="Bergen")
    place.send(highlight("Fjellvarme Installasjon", id="77", country="NO"), "msg_1")
    assert [each.company_id for each in place.bookmarks()] == ["c_1"]
    with place.store.read() as view:
        assert view.links("north") == ()
    place.send(highlight("Fjellvarme Installasjon", id="78", country="SE"), "msg_2")
    (review,) = place.reviews()
    (candidate,) = review.candidates
    assert (candidate["partner_id"], candidate["rule"]) == ("c_1", "name")
    assert ("country", "vetoes") in [(line["rule"], line["verdict"]) for line in candidate["evidence"]]


def test_no_homograph_of_a_domain_or_a_name_is_taken_for_the_company(place: Place) -> None:
    """D3.4"""
    folder = os.environ.get("QMAP_BADINPUT")
    if not folder:
        pytest.skip("QMAP_BADINPUT names no folder of hostile input")
    lines = (Path(folder) / "dev" / "idn" / "homographs.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert rows
    for number, domain in enumerate(sorted({row["imitates"] for row in rows})):
        place.know("north", id=f"c_{number}", name=domain.partition(".")[0].title(), domain=domain, country="NO")
    for number, row in enumerate(rows):
        for form in (row["unicode"], row["ascii"]):
            body = highlight(row["unicode"].partition(".")[0].title(), number, domain=form, country="NO")
            assert place.send(body, f"msg_{number}_{form.isascii()}").status == 200
    assert place.bookmarks() == ()


def test_a_company_is_asked_about_once_however_often_it_is_marked(place: Place) -> None:
    for number in range(5):
        place.send(highlight("Unknown AS", number, id="900"), f"msg_{number}")
    place.send(highlight("Unknown AS", 9, id="901"), "msg_9")
    assert len(place.reviews()) == 2


def test_where_the_mapping_ignores_what_it_does_not_know_nobody_is_asked(tmp_path: Path) -> None:
    with opened(tmp_path, on_none="ignore") as place:
        assert place.send(highlight("Unknown AS"), "msg_1").status == 200
        assert place.reviews() == ()
        receipt = place.receipt("msg_1")
        assert receipt is not None
        assert receipt.outcome == "unmatched"


def _answered(place: Place, choice: str, company_id: str | None) -> None:
    (review,) = place.reviews()
    asked = Answer(review.id, review.version, choice, company_id, "")
    outcome = answering_in(
        place.store, "north", asked, Reviewer("kari", "reviewer"), NOW, ends_in_bookmarks(StoreBookmarks())
    )
    assert isinstance(outcome, Done), outcome


def test_a_person_s_answer_bookmarks_what_waited_and_the_next_one_asks_nobody(place: Place) -> None:
    place.know("north", **ACME)
    place.send(highlight("Acme ASA", 1, id="77", city="Bergen", note="the first"), "msg_1")
    place.send(highlight("Acme ASA", 2, id="77", city="Bergen"), "msg_2")
    _answered(place, "link", "c_1")
    assert [(each.company_id, each.note) for each in place.bookmarks()] == [("c_1", "the first")]
    assert {place.receipt(f"msg_{n}").outcome for n in (1, 2)} == {"bookmarked"}
    place.send(highlight("Acme Holding AS", 3, id="77", city="Bergen"), "msg_3")
    assert place.reviews() == ()
    assert place.receipt("msg_3").outcome == "bookmarked"


def test_an_answer_holds_where_the_company_is_linked_to_another_record_already(place: Place) -> None:
    place.know("north", **ACME)
    with place.store.transaction() as tx:
        tx.put_link("north", link("c_1", "1"))
    place.send(highlight("Acme ASA", id="77", city="Bergen"), "msg_1")
    _answered(place, "link", "c_1")
    assert [each.company_id for each in place.bookmarks()] == ["c_1"]
    with place.store.read() as view:
        assert view.link("north", "warehouse", "companies", "c_1").partner_id == "1"


def test_a_refusal_ends_what_waited(place: Place) -> None:
    place.send(highlight("Unknown AS"), "msg_1")
    _answered(place, "reject", None)
    assert place.bookmarks() == ()
    assert place.receipt("msg_1").outcome == "unmatched"


def test_receipts_are_forgotten_after_seven_days_but_not_what_waits(place: Place) -> None:
    """D6.4"""
    import asyncio

    place.know("north", **ACME)
    place.send(highlight("Acme", domain="acme.example"), "msg_1")
    place.send(highlight("Unknown AS"), "msg_2")
    place.clock.at += timedelta(days=6, hours=23)
    assert asyncio.run(place.door.forget()) == 0
    place.clock.at += timedelta(hours=2)
    assert asyncio.run(place.door.forget()) == 1
    assert place.receipt("msg_1") is None
    assert place.receipt("msg_2") is not None


def test_two_tenants_and_two_connections_keep_apart(place: Place) -> None:
    place.know("north", **ACME)
    place.know("south", **{**ACME, "id": "c_9"})
    body = highlight("Acme", domain="acme.example")
    # Signed by one, sent to another: by path, and by the key of the neighbour's other connection.
    for signer, path in (
        (("north", "warehouse"), ("south", "warehouse")),
        (("north", "warehouse"), ("north", "archive")),
        (("south", "archive"), ("north", "warehouse")),
        (("north", "warehouse"), ("north", "silent")),
        (("north", "warehouse"), ("west", "warehouse")),
    ):
        answer = place.post(body, place.signed(body, "msg_1", *signer), *path)
        assert (answer.status, answer.body) == (401, b'{"error":"not accepted"}')
    assert place.bookmarks("north") == place.bookmarks("south") == ()
    place.send(body, "msg_1", "north")
    place.send(body, "msg_1", "south")
    place.send(body, "msg_1", "north", "archive")
    assert [(each.company_id, each.owner) for each in place.bookmarks("north")] == [("c_1", "team:north-sales")]
    assert [(each.company_id, each.owner) for each in place.bookmarks("south")] == [("c_9", "team:south-sales")]
