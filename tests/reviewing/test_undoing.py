"""Taking back: links, rejections and cases stand as before, or it is said why they cannot."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_runtime.delivery.reviewing.outcomes import LINKED, Choice, Done, Refused, Stale
from queast_runtime.ports.matches import Review
from reviewing.desk import Desk, opened_in
from reviewing.samples import BEN, candidate

H1, H2 = candidate("h1", 0.97), candidate("h2", 0.8)
ANSWERS: list[tuple[Choice, str | None]] = [
    ("link", "h1"),
    ("link", "h2"),
    ("reject", None),
    ("reject", "h1"),
    ("reject", "h2"),
    ("create", None),
    ("skip", None),
    ("unsure", None),
]


def opened(desk: Desk, kind: str) -> Review:
    if kind == "sample":
        desk.put_link("c_1", "h1")
        return desk.put({**H1, LINKED: True}, H2, kind="sample")
    return desk.put(H1, H2)


@pytest.mark.parametrize("kind", ["match", "sample"])
@pytest.mark.parametrize(("choice", "partner_id"), ANSWERS)
def test_every_answer_can_be_taken_back(kind: str, choice: Choice, partner_id: str | None, desk: Desk) -> None:
    case = opened(desk, kind)
    desk.done(case, "skip")
    case = desk.undone(desk.case(case.id))
    before = desk.state()
    answered = desk.done(case, choice, partner_id)
    assert desk.state() != before
    outcome = desk.undo(answered, by=BEN)
    assert isinstance(outcome, Done), outcome
    assert without_counts(desk.state()) == without_counts(before)
    assert outcome.review.version == answered.version + 1


def without_counts(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Verdicts are counted from the first on; nothing counted and no count are the same."""
    links, rejected, cases, facts = state
    return links, rejected, cases, {name: fact for name, fact in facts.items() if any(fact.values())}


@settings(max_examples=25, deadline=None)
@given(kind=st.sampled_from(["match", "sample"]), answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6))
def test_any_row_of_answers_is_taken_back_one_by_one(
    kind: str, answers: list[tuple[Choice, str | None]], blank: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(opened_in(shutil.copytree(blank, tmp_path_factory.mktemp("row") / "state")))
    case = opened(desk, kind)
    before = [without_places(desk.state())]
    for choice, partner_id in answers:
        outcome = desk.answer(desk.case(case.id), choice, partner_id)
        if isinstance(outcome, Done):
            before.append(without_places(desk.state()))
    while isinstance(desk.undo(desk.case(case.id)), Done):
        state = without_places(desk.state())
        # Putting off several times is taken back at once, and so is one before the answer that ended the case.
        while before and before[-1] != state:
            before.pop()
        assert before, state
    assert without_places(desk.state()) == before[0]
    desk.store.close()


def without_places(state: tuple[Any, ...]) -> tuple[Any, ...]:
    links, rejected, cases, facts = without_counts(state)
    return links, rejected, [case[:2] for case in cases], facts


def test_a_rejection_of_another_case_stays(desk: Desk) -> None:
    first = desk.done(desk.put(H1), "reject")
    second = desk.done(desk.put(H1, H2, reason="again"), "reject")
    assert desk.rejected() == {"h1", "h2"}
    desk.undone(second)
    assert desk.rejected() == {"h1"}
    assert isinstance(desk.undo(first), Refused)


def test_undoing_an_undone_answer_is_stale_or_has_nothing_to_take_back(desk: Desk) -> None:
    answered = desk.done(desk.put(H1), "link")
    open_again = desk.undone(answered)
    assert isinstance(desk.undo(answered), Stale)
    outcome = desk.undo(open_again)
    assert isinstance(outcome, Refused)
    assert "nobody has answered this case" in outcome.sentence


def test_the_same_case_can_be_answered_and_taken_back_again_and_again(desk: Desk) -> None:
    case = desk.put(H1, H2)
    for partner_id in ("h1", "h2", "h1"):
        case = desk.undone(desk.done(case, "link", partner_id))
    assert desk.links() == {}
    with desk.store.read() as view:
        history = [(each.action, each.link.partner_id) for each in view.link_history("acme", "1", "companies", "c_1")]
        steps = [each.action for each in view.review_history("acme", case.id, limit=20)]
    assert history == [(what, each) for each in ("h1", "h2", "h1") for what in ("linked", "unlinked")]
    assert steps == ["undone", "answered"] * 3 + ["opened"]


def relinked(desk: Desk) -> None:
    with desk.store.transaction() as tx:
        tx.remove_link("acme", "1", "companies", "c_1", actor="engine", reason="record is gone", at=desk.now())
    desk.put_link("c_1", "h9", rule="domain", standing="established")


def linked_since(desk: Desk) -> None:
    desk.put_link("c_1", "h9", rule="domain", standing="established")


def made_since(desk: Desk) -> None:
    desk.put_link("c_1", "h9", rule="created", standing="established", created_record=True)


def opened_since(desk: Desk) -> None:
    desk.put(H2, reason="another question")


def moved_since(desk: Desk) -> None:
    desk.put_link("c_7", "h1", rule="domain", standing="established")


@pytest.mark.parametrize(
    ("kind", "choice", "then", "says"),
    [
        ("match", "link", relinked, "c_1 was linked to companies h9 since, by domain"),
        ("match", "reject", linked_since, "c_1 was linked to companies h9 since, by domain"),
        ("match", "create", made_since, "companies h9 was made for c_1 and stays in the CRM"),
        ("match", "reject", opened_since, "of c_1 was opened since"),
        ("sample", "reject", moved_since, "companies h1 was linked to c_7 since, by domain"),
    ],
)
def test_what_happened_since_is_not_undone_with_it(kind: str, choice: Choice, then: Any, says: str, desk: Desk) -> None:
    answered = desk.done(opened(desk, kind), choice, "h1" if choice == "link" else None)
    then(desk)
    before = desk.state()
    outcome = desk.undo(answered)
    assert isinstance(outcome, Refused), outcome
    assert says in outcome.sentence
    assert outcome.instead
    assert (desk.state(), desk.case(answered.id)) == (before, answered)


def test_an_inbound_answer_is_taken_back_and_its_bookmark_stays(desk: Desk) -> None:
    case = desk.put(candidate("c_7"), kind="inbound", account="queast", queast_id="msg_1")
    outcome = desk.undo(desk.done(case, "link"))
    assert isinstance(outcome, Done)
    assert outcome.stays == "the bookmark of company c_7 stays; take it off in Queast"
    assert outcome.review.answer is None
