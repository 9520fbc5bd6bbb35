"""Several people at once, many cases at once, and links taken down by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from queast_runtime.delivery.reviewing.bulk import BULK_CAP, Pick, Preview, Report, bulk, bulk_preview
from queast_runtime.delivery.reviewing.linking import Down, open_sample, unlinking_in
from queast_runtime.delivery.reviewing.looking import shown
from queast_runtime.delivery.reviewing.outcomes import (
    BLIND_SAMPLE,
    LINKED,
    UNLINKED_BY_HAND,
    Choice,
    Done,
    Outcome,
    Refused,
    Reviewer,
    Stale,
    Unknown,
    linked_by_engine,
)
from queast_runtime.ports.matches import Review
from reviewing.desk import Desk
from reviewing.samples import ANNA, candidate, new_review

H1, H2 = candidate("h1", 0.97), candidate("h2", 0.8)


@pytest.mark.parametrize("choices", [("link", "link"), ("link", "create"), ("reject", "skip")])
def test_of_two_people_on_one_case_one_is_told_of_the_others_answer(choices: tuple[Choice, Choice], desk: Desk) -> None:
    case, barrier = desk.put(H1), Barrier(2)

    def answer(who: int) -> Outcome:
        barrier.wait()
        return desk.answer(case, choices[who], by=Reviewer(f"person {who}", "reviewer"))

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(answer, range(2)))
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Stale"]
    (stale,) = [each for each in outcomes if isinstance(each, Stale)]
    (done,) = [each for each in outcomes if isinstance(each, Done)]
    assert stale.review == done.review


def test_of_two_cases_for_one_record_one_gets_it(desk: Desk) -> None:
    cases, barrier = [desk.put(H1), desk.put(H1, queast_id="c_2")], Barrier(2)

    def accept(case: Review) -> Outcome:
        barrier.wait()
        return desk.answer(case, "link")

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(accept, cases))
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Refused"]
    assert list(desk.links().values()) == ["h1"]
    assert len([case for case in cases if desk.case(case.id).answer is None]) == 1


def picks(*cases: Review) -> list[Pick]:
    return [Pick(case.id, case.version) for case in cases]


def test_a_preview_says_what_would_happen_and_writes_nothing(desk: Desk) -> None:
    one = desk.put(H1)
    several = desk.put(H1, H2, queast_id="c_2")
    blind = desk.put({**H2, LINKED: True}, queast_id="c_3", kind="sample")
    gone = Pick("no such id", 1)
    before = desk.state()
    with desk.store.read() as view:
        found = bulk_preview(view, "acme", [*picks(one, several, blind), gone], "link")
    assert isinstance(found, Preview)
    assert (found.would, found.would_not) == (1, 3)
    assert [each.effect for each in found.cases] == ["c_1 is linked to companies h1", "", "", ""]
    assert [type(each.not_done) for each in found.cases] == [type(None), Refused, Refused, Unknown]
    assert desk.state() == before


@pytest.mark.parametrize("choice", ["link", "reject", "create", "skip", "unsure"])
def test_a_bulk_answer_does_what_its_preview_said(choice: Choice, desk: Desk) -> None:
    cases = [desk.put(candidate(f"h{n}", 0.9), queast_id=f"c_{n}") for n in range(3)]
    blind = desk.put({**H2, LINKED: True}, queast_id="c_9", kind="sample")
    stale = Pick(desk.done(desk.put(H2, queast_id="c_8"), "skip").id, 1)
    chosen = [*picks(*cases, blind), stale]
    with desk.store.read() as view:
        planned = bulk_preview(view, "acme", chosen, choice)
    report = bulk(desk.store, "acme", chosen, choice, ANNA, desk.now())
    assert isinstance(planned, Preview)
    assert isinstance(report, Report)
    assert [each.not_done is None for each in planned.cases] == [isinstance(out, Done) for _, out in report.cases]
    assert report.done == (4 if choice in ("skip", "unsure") else 3)
    assert len(desk.links()) == (3 if choice == "link" else 0)


def test_a_case_that_fails_in_bulk_leaves_the_others_done(desk: Desk) -> None:
    same = [desk.put(H1, queast_id=f"c_{n}") for n in range(3)]
    report = bulk(desk.store, "acme", picks(*same), "link", ANNA, desk.now())
    assert isinstance(report, Report)
    assert [type(outcome) for _, outcome in report.cases] == [Done, Refused, Refused]
    assert desk.links() == {"c_0": "h1"}


def test_more_than_the_cap_or_one_case_twice_is_refused_whole(desk: Desk) -> None:
    case = desk.put(H1)
    many = [Pick(f"r{n}", 1) for n in range(BULK_CAP + 1)]
    for chosen, says in ((many, "101 cases are more than 100 at once"), (picks(case, case), "is chosen twice")):
        with desk.store.read() as view:
            planned = bulk_preview(view, "acme", chosen, "link")
        done = bulk(desk.store, "acme", chosen, "link", ANNA, desk.now())
        for outcome in (planned, done):
            assert isinstance(outcome, Refused)
            assert says in outcome.sentence
    assert desk.links() == {}
    hundred = [desk.put(candidate(f"x{n}"), queast_id=f"c_1{n:03}") for n in range(BULK_CAP)]
    report = bulk(desk.store, "acme", picks(*hundred), "link", ANNA, desk.now())
    assert isinstance(report, Report)
    assert report.done == 100


DOWN = Down("1", "companies", "c_1", "h1", "wrong branch")


@pytest.mark.parametrize("standing", ["inferred", "established"])
def test_a_link_taken_down_by_hand_is_remembered_and_can_be_taken_back(standing: str, desk: Desk) -> None:
    link = desk.put_link("c_1", "h1", standing=standing, rule="name" if standing == "inferred" else "domain")
    outcome = unlinking_in(desk.store, "acme", DOWN, ANNA, desk.now())
    assert isinstance(outcome, Done)
    assert (outcome.link, desk.links(), desk.rejected()) == (link, {}, {"h1"})
    assert outcome.review.reason == UNLINKED_BY_HAND
    assert (linked_by_engine(outcome.review) == "h1") == (standing == "inferred")
    desk.undone(outcome.review)
    assert (desk.link(), desk.rejected()) == (link, set())


def test_taking_down_a_sampled_link_answers_its_sample(desk: Desk) -> None:
    desk.put_link("c_1", "h1")
    case = desk.put({**H1, LINKED: True}, kind="sample", reason=BLIND_SAMPLE)
    outcome = unlinking_in(desk.store, "acme", DOWN, ANNA, desk.now())
    assert isinstance(outcome, Done)
    assert outcome.review.id == case.id


def test_a_link_that_is_another_by_now_stays(desk: Desk) -> None:
    desk.put_link("c_1", "h2")
    outcome = unlinking_in(desk.store, "acme", DOWN, ANNA, desk.now())
    assert isinstance(outcome, Refused)
    assert outcome.sentence == "c_1 is linked to companies h2 by now, not to h1"
    assert unlinking_in(desk.store, "nordlys", DOWN, ANNA, desk.now()) == Unknown()
    assert desk.links() == {"c_1": "h2"}


def test_a_blind_sample_shows_nothing_of_what_the_engine_thought(desk: Desk) -> None:
    link = desk.put_link("c_1", "h2")
    with desk.store.transaction() as tx:
        id_ = open_sample(tx, "acme", link, new_review(H2, H1, score=0.8))
    case = desk.case(id_)
    assert (case.kind, linked_by_engine(case)) == ("sample", "h2")
    seen = shown(case)
    assert [each["partner_id"] for each in seen.candidates] == ["h1", "h2"]
    assert {name for each in seen.candidates for name in each} == {"partner_id", "name", "domain", "country", "city"}
    assert (seen.score, seen.rule, seen.reason) == (None, None, BLIND_SAMPLE)
    answered = desk.done(case, "link", "h2")
    assert shown(answered) == answered
