"""How the rules in force now would decide a case, from the scores and the evidence that it was opened with.

Only thresholds are asked again, not the CRM: the candidates are those that the case has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from queast_compiler.plan.connection import MatchPlan, NamePlan
from queast_runtime.delivery.reviewing.outcomes import left
from queast_runtime.matching.calibration import Judged
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review

_BY_SCORE: Final = "name"
# Asked anew: candidates may have been struck off, and the margin may be another.
_RUNNER_UP: Final = "runner_up"


@dataclass(frozen=True, slots=True)
class Today:
    """`same_plan`: the rules are those that opened the case. `because` is a sentence with the figures."""

    same_plan: bool
    would: Literal["link", "review", "nothing"]
    because: str


def today(review: Review, match: MatchPlan | None, plan_digest: str) -> Today:
    """Decide a case anew. `match` is the active plan's part for the case's object, None where it has none."""
    same = review.plan_digest == plan_digest
    if match is None:
        return Today(same, "nothing", f"the connection matches no {review.object}")
    candidates = left(review)
    if not candidates:
        return _without(same, match)
    rule = review.rule
    if rule is not None and rule not in match.order:
        return Today(same, "nothing", f"the connection does not match by {rule}")
    if rule != _BY_SCORE or match.name is None:
        return Today(same, "review", review.reason)
    best = _best(candidates)
    if best is None:
        return Today(same, "review", "no candidate has a score")
    score, name = float(best["score"]), match.name
    if score < name.review:
        return Today(same, "nothing", f"{score:.2f} is below {name.review:g}, from which on a person is asked")
    against = _against(name, best, candidates)
    if against is not None:
        return Today(same, "review", against)
    if score < name.auto_link:
        return Today(same, "review", f"{score:.2f} is below {name.auto_link:g}, from which on a link is made")
    return Today(same, "link", f"{best['partner_id']} has {score:.2f}, and a link is made from {name.auto_link:g} on")


def judged(review: Review, name: NamePlan) -> Judged | None:
    """Return what a case's answer says about the threshold: the best candidate's score and whether it is the one.

    None where the threshold did not decide: no score, a veto, nothing that corroborates, a runner-up too near, or no
    answer about the best candidate.
    """
    best = _best(review.candidates)
    if best is None or review.kind == "inbound" or _against(name, best, review.candidates) is not None:
        return None
    answer = review.answer
    if answer is None or answer.choice not in ("link", "reject", "create"):
        return None
    return Judged(float(best["score"]), answer.choice == "link" and answer.partner_id == best["partner_id"])


def _without(same: bool, match: MatchPlan) -> Today:
    if match.on_none == "review":
        return Today(same, "review", "there is no candidate, and the connection asks a person then")
    what = "creates one" if match.on_none == "create" else "does nothing"
    return Today(same, "nothing", f"there is no candidate, and the connection {what} then")


def _best(candidates: tuple[JsonObject, ...]) -> JsonObject | None:
    scored = [each for each in candidates if isinstance(each.get("score"), int | float)]
    return max(scored, key=lambda each: (float(each["score"]), str(each["partner_id"])), default=None)


def _against(name: NamePlan, best: JsonObject, candidates: tuple[JsonObject, ...]) -> str | None:
    """Say what keeps the best candidate from being linked, whatever its score."""
    for line in _lines(best):
        if line.get("verdict") == "vetoes" and line.get("rule") != _RUNNER_UP:
            return f"{str(line.get('rule')).replace('_', ' ')} speaks against it"
    behind = max((float(each["score"]) for each in candidates if _is_other(each, best)), default=None)
    if behind is not None and float(best["score"]) - behind < name.margin - 1e-9:
        return f"the next candidate is nearer than {name.margin:g}"
    agreed = {line.get("rule") for line in _lines(best) if line.get("verdict") == "agrees"}
    if name.corroborate and agreed.isdisjoint(name.corroborate):
        return f"none of {', '.join(name.corroborate)} agrees"
    return None


def _is_other(candidate: JsonObject, best: JsonObject) -> bool:
    return candidate is not best and isinstance(candidate.get("score"), int | float)


def _lines(candidate: JsonObject) -> list[JsonObject]:
    lines: list[JsonObject] = candidate.get("evidence") or []
    return lines
