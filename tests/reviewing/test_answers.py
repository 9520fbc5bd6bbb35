"""What each answer to each kind of case does, and when it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from queast_runtime.delivery.reviewing.outcomes import LINKED, REJECTED, Choice, Done, Refused, Stale, Unknown
from reviewing.desk import Desk
from reviewing.samples import BEN, NOON, candidate, line

H1, H2 = candidate("h1", 0.97), candidate("h2", 0.8)


def test_accepting_links_and_keeps_the_evidence(desk: Desk) -> None:
    case = desk.put(H1, H2)
    outcome = desk.answer(case, "link", "h1", note="same address")
    assert isinstance(outcome, Done)
    assert outcome.effect == "linked to companies h1"
    link = desk.link()
    assert link is not None
    assert (link.partner_id, link.rule, link.standing, link.actor) == ("h1", "review", "established", "anna")
    assert (link.score, link.connection, link.plan_digest) == (0.97, "crm", "sha256:0")
    assert link.evidence == {"review": case.id, "found_by": "name", "lines": H1["evidence"]}
    answer = desk.case(case.id).answer
    assert answer is not None
    assert (answer.choice, answer.partner_id, answer.role, answer.note) == ("link", "h1", "reviewer", "same address")
    assert desk.rejected() == set()


def test_the_only_candidate_need_not_be_named(desk: Desk) -> None:
    desk.done(desk.put(H1), "link")
    assert desk.links() == {"c_1": "h1"}


def test_a_persons_evidence_is_kept_without_values(desk: Desk) -> None:
    case = desk.put(candidate("h1", 0.97, evidence=[line("name", ours="Kari", theirs="Kari N")]), entity="person")
    desk.done(case, "link")
    link = desk.link()
    assert link is not None
    assert link.evidence["lines"] == [{"rule": "name", "contribution": 0.3, "verdict": "agrees"}]


def test_rejecting_one_goes_on_with_the_others_and_the_last_one_ends_the_case(desk: Desk) -> None:
    case = desk.put(H1, H2)
    outcome = desk.answer(case, "reject", "h1")
    assert isinstance(outcome, Done)
    assert outcome.effect == "rejected; the case goes on with 1 candidate"
    assert (outcome.review.answer, outcome.review.version) == (None, 2)
    assert desk.rejected() == {"h1"}
    ended = desk.done(outcome.review, "reject", "h2")
    assert ended.answer is not None
    assert desk.rejected() == {"h1", "h2"}
    assert desk.links() == {}


@pytest.mark.parametrize("choice", ["reject", "create"])
def test_an_answer_against_all_remembers_every_candidate(choice: Choice, desk: Desk) -> None:
    ended = desk.done(desk.put(H1, H2), choice)
    assert ended.answer is not None
    assert (ended.answer.choice, desk.rejected(), desk.links()) == (choice, {"h1", "h2"}, {})


@pytest.mark.parametrize("choice", ["skip", "unsure"])
def test_a_case_that_is_put_off_comes_last(choice: Choice, desk: Desk) -> None:
    first, second = desk.put(H1), desk.put(H2, queast_id="c_2", created_at=NOON + timedelta(0, 1))
    put_off = desk.done(first, choice)
    with desk.store.read() as view:
        assert [each.id for each in view.reviews("acme")] == [second.id, first.id]
    assert put_off.unsure_by == ("anna" if choice == "unsure" else None)
    assert put_off.answer is None


def sample(desk: Desk, **changes: Any) -> Any:
    desk.put_link("c_1", "h1", **changes)
    return desk.put({**H1, LINKED: True}, H2, kind="sample")


def test_a_blind_sample_with_the_same_answer_confirms_the_link(desk: Desk) -> None:
    case = sample(desk)
    desk.done(case, "link", "h1")
    link = desk.link()
    assert link is not None
    assert (link.standing, link.rule, link.confirmed_by) == ("established", "name", "anna")


def test_a_blind_sample_with_another_answer_moves_the_link(desk: Desk) -> None:
    case = sample(desk)
    outcome = desk.answer(case, "link", "h2")
    assert isinstance(outcome, Done)
    assert outcome.link is not None
    assert outcome.link.partner_id == "h1"
    assert (desk.links(), desk.rejected()) == ({"c_1": "h2"}, {"h1"})


@pytest.mark.parametrize(
    ("choice", "partner_id", "rejected"),
    [("reject", None, {"h1", "h2"}), ("reject", "h1", {"h1"}), ("create", None, {"h1", "h2"})],
)
def test_a_blind_sample_against_the_link_takes_it_down(
    choice: Choice, partner_id: str | None, rejected: set[str], desk: Desk
) -> None:
    case = sample(desk)
    ended = desk.done(case, choice, partner_id)
    assert ended.answer is not None
    assert (desk.links(), desk.rejected()) == ({}, rejected)


def test_a_blind_sample_goes_on_when_another_than_the_linked_record_is_rejected(desk: Desk) -> None:
    case = sample(desk)
    changed = desk.done(case, "reject", "h2")
    assert (changed.answer, desk.links(), desk.rejected()) == (None, {"c_1": "h1"}, {"h2"})


def inbound(desk: Desk, *candidates: dict[str, Any]) -> Any:
    return desk.put(*candidates, kind="inbound", account="queast", queast_id="msg_1")


def test_an_inbound_case_bookmarks_the_company_and_links_nothing(desk: Desk) -> None:
    desk.done(inbound(desk, candidate("c_7"), candidate("c_8")), "link", "c_7")
    assert (desk.bookmarked, desk.links()) == ([("msg_1", "c_7")], {})


def test_an_inbound_case_without_a_company_stays_unmatched(desk: Desk) -> None:
    case = desk.done(inbound(desk, candidate("c_7"), candidate("c_8")), "reject", "c_7")
    assert desk.bookmarked == []
    desk.done(case, "reject", "c_8")
    assert desk.bookmarked == [("msg_1", None)]


def linked_meanwhile(desk: Desk) -> None:
    desk.put_link("c_1", "h9", rule="domain", standing="established")


def taken(desk: Desk) -> None:
    desk.put_link("c_7", "h1", rule="domain", standing="established")


def rejected_before(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        from queast_runtime.ports.rows import Rejection

        tx.reject_pair("acme", Rejection("1", "companies", "c_1", "h1", "ben", "review r_0 at version 1", desk.now()))


def nothing(desk: Desk) -> None:
    """The store holds the case only."""


@pytest.mark.parametrize(
    ("given", "choice", "partner_id", "says"),
    [
        (nothing, "link", "h9", "h9 is no candidate of this case"),
        (nothing, "link", None, "several candidates are left"),
        (nothing, "reject", "h9", "h9 is no candidate of this case"),
        (nothing, "create", "h1", "create is an answer to the whole case"),
        (nothing, "skip", "h1", "skip is an answer to the whole case"),
        (linked_meanwhile, "link", "h1", "c_1 is linked to companies h9 already, by domain"),
        (linked_meanwhile, "create", None, "c_1 is linked to companies h9 already, by domain"),
        (taken, "link", "h1", "companies h1 stands for c_7 already, linked by domain"),
        (rejected_before, "link", "h1", "ben said on 2026-03-01 that h1 is not c_1 (review r_0 at version 1)"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_changes_nothing(
    given: Any, choice: Choice, partner_id: str | None, says: str, desk: Desk
) -> None:
    given(desk)
    case = desk.put(H1, H2)
    before = desk.state()
    outcome = desk.answer(case, choice, partner_id)
    assert isinstance(outcome, Refused), outcome
    assert says in outcome.sentence
    assert outcome.instead
    assert (desk.state(), desk.case(case.id)) == (before, case)


@pytest.mark.parametrize(
    ("kind", "choice", "says"),
    [("match", "link", "the case has no candidate"), ("inbound", "create", "a company is never invented")],
)
def test_a_case_without_candidates_takes_only_what_makes_sense(
    kind: Any, choice: Choice, says: str, desk: Desk
) -> None:
    outcome = desk.answer(desk.put(kind=kind), choice)
    assert isinstance(outcome, Refused)
    assert says in outcome.sentence


def test_a_candidate_that_was_struck_off_is_not_accepted(desk: Desk) -> None:
    case = desk.done(desk.put(H1, H2), "reject", "h1")
    assert [each["partner_id"] for each in case.candidates if REJECTED in each] == ["h1"]
    outcome = desk.answer(case, "link", "h1")
    assert isinstance(outcome, Refused)
    assert outcome.sentence == "h1 was rejected in this case"
    assert desk.done(case, "link").answer is not None
    assert desk.links() == {"c_1": "h2"}


@pytest.mark.parametrize("choice", ["link", "reject", "create", "skip", "unsure"])
def test_a_case_that_changed_meanwhile_shows_the_other_answer(choice: Choice, desk: Desk) -> None:
    case = desk.put(H1)
    desk.done(case, "link")
    before = desk.state()
    outcome = desk.answer(case, choice, by=BEN)
    assert isinstance(outcome, Stale)
    assert outcome.review.answer is not None
    assert (outcome.review.answer.actor, outcome.review.answer.choice) == ("anna", "link")
    assert desk.state() == before


def test_an_answer_to_an_older_version_is_stale(desk: Desk) -> None:
    case = desk.put(H1, H2)
    desk.done(case, "reject", "h1")
    assert isinstance(desk.answer(case, "link", "h2"), Stale)


def test_another_tenants_case_does_not_exist(desk: Desk) -> None:
    case = desk.put(H1)
    assert desk.answer(case, "link", tenant="nordlys") == Unknown()
    assert desk.answer(replace(case, id="no such id"), "link") == Unknown()
    assert desk.links() == {}


def test_a_note_has_a_bound(desk: Desk) -> None:
    outcome = desk.answer(desk.put(H1), "link", note="x" * 1_001)
    assert isinstance(outcome, Refused)
    assert "1,001 characters" in outcome.sentence
