"""How the rules in force now would decide a case, and what its answer says about the threshold."""

from __future__ import annotations

from typing import Any

import pytest

from engine_plans import match_plan
from queast_compiler.plan.connection import MatchPlan, NamePlan
from queast_runtime.delivery.reviewing.outcomes import REJECTED
from queast_runtime.delivery.reviewing.today import Today, judged, today
from queast_runtime.matching.calibration import Judged
from queast_runtime.ports.matches import Review
from reviewing.samples import answered, candidate, line, review

NAME = NamePlan(0.8, 0.95, 0.05, ("country", "domain"), ("country", "city"))
BY_NAME = match_plan(order=("link", "domain", "name"), name=NAME)
NEAR = [line("name"), line("country"), line("runner_up", "vetoes", -0.97)]
VETO = [line("name"), line("city", "vetoes", -0.9)]
ALONE = [line("name"), line("country", "unknown")]


@pytest.mark.parametrize(
    ("case", "match", "would", "because"),
    [
        (review(candidate("h1", 0.97)), BY_NAME, "link", "h1 has 0.97, and a link is made from 0.95 on"),
        (review(candidate("h1", 0.9)), BY_NAME, "review", "0.90 is below 0.95"),
        (review(candidate("h1", 0.7)), BY_NAME, "nothing", "0.70 is below 0.8"),
        (review(candidate("h1", 0.97), candidate("h2", 0.93)), BY_NAME, "review", "nearer than 0.05"),
        (review(candidate("h1", 0.97), candidate("h2", 0.93, **{REJECTED: 1})), BY_NAME, "link", "h1 has 0.97"),
        (review(candidate("h1", 0.97, evidence=NEAR), candidate("h2", 0.5)), BY_NAME, "link", "h1 has 0.97"),
        (review(candidate("h1", 0.97, evidence=VETO)), BY_NAME, "review", "city speaks against it"),
        (review(candidate("h1", 0.97, evidence=ALONE)), BY_NAME, "review", "none of country, domain agrees"),
        (review(candidate("h1")), BY_NAME, "review", "no candidate has a score"),
        (review(candidate("h1"), rule="domain"), BY_NAME, "review", "only the name agrees"),
        (review(candidate("h1"), rule="linkedin"), BY_NAME, "nothing", "does not match by linkedin"),
        (review(candidate("h1", 0.97)), match_plan(order=("link", "name")), "review", "only the name agrees"),
        (review(), BY_NAME, "nothing", "the connection creates one then"),
        (review(), match_plan(on_none="skip"), "nothing", "the connection does nothing then"),
        (review(), match_plan(on_none="review"), "review", "asks a person then"),
        (review(candidate("h1")), None, "nothing", "matches no companies"),
    ],
)
def test_todays_rules_decide_by_the_scores_of_the_case(
    case: Review, match: MatchPlan | None, would: str, because: str
) -> None:
    found = today(case, match, "sha256:1")
    assert (found.same_plan, found.would) == (False, would)
    assert because in found.because


def test_the_same_plan_is_told() -> None:
    assert today(review(candidate("h1", 0.97)), BY_NAME, "sha256:0") == Today(
        True, "link", "h1 has 0.97, and a link is made from 0.95 on"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answer": answered("link", "h1")}, Judged(0.97, True)),
        ({"answer": answered("link", "h2")}, Judged(0.97, False)),
        ({"answer": answered("reject")}, Judged(0.97, False)),
        ({"answer": answered("create")}, Judged(0.97, False)),
        ({"answer": answered("withdrawn")}, None),
        ({}, None),
        ({"answer": answered("link", "h1"), "kind": "inbound"}, None),
        ({"answer": answered("link", "h1"), "kind": "sample"}, Judged(0.97, True)),
    ],
)
def test_an_answer_judges_the_best_candidate(changes: dict[str, Any], expected: Judged | None) -> None:
    assert judged(review(candidate("h2", 0.5), candidate("h1", 0.97), **changes), NAME) == expected


@pytest.mark.parametrize(
    "candidates",
    [
        (candidate("h1", 0.97, evidence=VETO),),
        (candidate("h1", 0.97, evidence=ALONE),),
        (candidate("h1", 0.97), candidate("h2", 0.96)),
        (candidate("h1"),),
        (),
    ],
)
def test_what_the_threshold_did_not_decide_says_nothing_about_it(candidates: tuple[dict[str, Any], ...]) -> None:
    assert judged(review(*candidates, answer=answered("reject")), NAME) is None
