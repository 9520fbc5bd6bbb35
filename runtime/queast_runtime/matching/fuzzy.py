"""The rule by name: candidates judged by score, corroboration and vetoes; a link, a review or nothing comes of it.

`decide_fuzzy` is the way in. A veto beats any score; what is not linked goes to a person from the review floor on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from queast_compiler.plan.connection import Evidence as Kind
from queast_compiler.plan.connection import NamePlan
from queast_dsl.names.legal_forms import forms_conflict
from queast_runtime.matching.companies import DOMAIN_MARK, Company, IndexRow
from queast_runtime.matching.evidence import Evidence, EvidenceRule, Verdict, vetoed
from queast_runtime.matching.name_score import (
    NameScore,
    Rarity,
    changed_letter,
    is_generic,
    is_reordered,
    numbers,
    score_names,
)
from queast_runtime.matching.shared_domains import is_shared

_Line = Callable[[EvidenceRule, str | None, str | None, Verdict], Evidence]
# `plain` counts each word for what it weighs; `supported` forgives words that an own domain or the city vouch for.
Scoring = Literal["plain", "supported"]
SCORINGS: Final[tuple[Scoring, ...]] = ("plain", "supported")
# A city vouches for a name that agrees in so much; for less, every record of a large city would be a candidate.
SUPPORTED_FLOOR: Final = 0.5
_SHOWN: Final = 5
# Scores nearer than this are equal: a sum of weights comes out differently in another order.
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from 0 to 1: from `auto_link` on a link is made, if the next candidate is at least `margin` behind, one of
    `corroborate` agrees (none needs to where it is empty) and nothing vetoes; from `review` on a person is asked.

    Of `veto_if_different` country, city, domain and legal form are known here. Generic names, other numbers, a changed
    letter, another order of words and homographs always veto.
    """

    auto_link: float = 0.95
    review: float = 0.80
    margin: float = 0.05
    corroborate: frozenset[Kind] = frozenset({"country", "domain"})
    veto_if_different: frozenset[Kind] = frozenset({"country", "city", "domain", "legal_form"})
    scoring: Scoring = "supported"


def thresholds_of(plan: NamePlan) -> Thresholds:
    """Return the thresholds of a connection as compiled. The rails of `Thresholds` stay, whatever a plan adds."""
    rails = Thresholds()
    return Thresholds(
        plan.auto_link,
        plan.review,
        plan.margin,
        frozenset(plan.corroborate),
        rails.veto_if_different | frozenset(plan.veto_if_different),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its score (0 to 1, vetoes not counted) and the evidence, one line a rule."""

    record: str
    score: float
    evidence: tuple[Evidence, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "record": self.record,
            "score": round(self.score, 4),
            "evidence": [each.as_json() for each in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class FuzzyLinked:
    """The record stands for the company; an inferred link. `others` came next, best first."""

    judged: Judged
    others: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class FuzzyReview:
    """A person must choose; best first, at most five. `is_crowded`: more records share the words of the name than were
    looked at, so that the right one may be missing, and there may be no candidate at all."""

    candidates: tuple[Judged, ...]
    is_crowded: bool = False


@dataclass(frozen=True, slots=True)
class NoCandidate:
    """No record comes near."""


Fuzzy = FuzzyLinked | FuzzyReview | NoCandidate


def decide_fuzzy(ours: Company, candidates: Iterable[IndexRow], rarity: Rarity, thresholds: Thresholds) -> Fuzzy:
    """Judge all candidates and decide. `candidates` must hold every record that may score `review` or more (those that
    `index.CompanyIndex.candidates` gives); `rarity` counts all records."""
    scored = [(_score(ours, row.company, rarity), row) for row in candidates]
    near = [
        (_of(score, thresholds.scoring), score, row)
        for score, row in scored
        if _of(score, thresholds.scoring) >= thresholds.review - _EPSILON
    ]
    if not near:
        return NoCandidate()
    near.sort(key=lambda each: (-round(each[0], 9), each[2].id))
    judged = [judge(ours, row, score, rarity, thresholds) for _, score, row in near[:_SHOWN]]
    best = judged[0]
    if len(near) > 1:
        best = _beside_runner_up(best, near[0][2], near[1][0], near[1][2], thresholds.margin)
    if best.score >= thresholds.auto_link - _EPSILON and not vetoed(best.evidence) and _corroborated(best, thresholds):
        return FuzzyLinked(best, tuple(judged[1:]))
    return FuzzyReview((best, *judged[1:]))


def _of(score: NameScore, scoring: Scoring) -> float:
    return score.plain if scoring == "plain" else max(score.plain, score.supported)


def _score(ours: Company, theirs: Company, rarity: Rarity) -> NameScore:
    own = (
        ours.domain is not None
        and ours.domain == theirs.domain
        and not is_shared(ours.domain)
        and rarity.frequency(DOMAIN_MARK + ours.domain) == 1
    )
    same_city = ours.city is not None and ours.city == theirs.city and ours.country == theirs.country is not None
    score = score_names(ours, theirs, rarity, same_domain=own, same_city=same_city)
    if not own and score.plain < SUPPORTED_FLOOR:
        return NameScore(score.plain, score.plain, score.shared, score.only_ours, score.only_theirs)
    return score


def judge(ours: Company, row: IndexRow, score: NameScore, rarity: Rarity, thresholds: Thresholds) -> Judged:
    """Return the evidence of one pair, the runner-up not yet looked at."""
    theirs = row.company
    total = _of(score, thresholds.scoring)

    def line(rule: EvidenceRule, mine: str | None, other: str | None, verdict: Verdict) -> Evidence:
        return Evidence(rule, mine or "", other or "", -total if verdict == "vetoes" else 0.0, verdict)

    def field(kind: Kind, rule: EvidenceRule, mine: str | None, other: str | None, agree: bool) -> Evidence:
        if not mine or not other:
            return line(rule, mine, other, "unknown")
        if agree:
            return line(rule, mine, other, "agrees")
        return line(rule, mine, other, "vetoes" if kind in thresholds.veto_if_different else "differs")

    name = Evidence("name", ours.name, theirs.name, score.plain, "agrees" if not score.only_ours else "differs")
    if score.only_theirs:
        name = Evidence("name", ours.name, theirs.name, score.plain, "differs")
    out = [name]
    if total > score.plain:
        left = " ".join(score.only_ours), " ".join(score.only_theirs)
        out.append(Evidence("support", *left, total - score.plain, "agrees"))
    forms = " ".join(ours.forms), " ".join(theirs.forms)
    out.append(field("legal_form", "legal_form", *forms, not forms_conflict(ours.forms, theirs.forms)))
    out.append(field("country", "country", ours.country, theirs.country, ours.country == theirs.country))
    out.append(field("city", "city", ours.city, theirs.city, _same_city(ours.city, theirs.city)))
    domain = field("domain", "domain", ours.domain, theirs.domain, ours.domain == theirs.domain)
    if is_shared(ours.domain) or is_shared(theirs.domain):
        # Anybody may have an address there: it neither speaks for a pair nor against it.
        domain = line("domain", ours.domain, theirs.domain, "unknown")
    out.append(domain)
    out += _always(ours, theirs, score, rarity, same_domain=domain.verdict == "agrees", line=line)
    return Judged(row.id, total, tuple(out))


def _always(
    ours: Company, theirs: Company, score: NameScore, rarity: Rarity, *, same_domain: bool, line: _Line
) -> Iterable[Evidence]:
    """Yield the vetoes that no connection can do without, each only where it applies."""
    if not same_domain and is_generic(score.shared, rarity):
        shared = " ".join(score.shared)
        yield line("generic_name", shared, shared, "vetoes")
    mine, other = numbers(score.only_ours), numbers(score.only_theirs)
    if mine != other:
        yield line("numbers", " ".join(sorted(mine)), " ".join(sorted(other)), "vetoes")
    changed = changed_letter(score.only_ours, score.only_theirs)
    if changed:
        yield line("letters", *changed, "vetoes")
    if not same_domain and is_reordered(theirs, score.shared):
        yield line("order", ours.name, theirs.name, "vetoes")
    if _is_homograph(ours, theirs):
        yield line("homograph", ours.disguised or ours.name, theirs.disguised or theirs.name, "vetoes")


def _is_homograph(ours: Company, theirs: Company) -> bool:
    if ours.disguised or theirs.disguised:
        return ours.disguised != theirs.disguised
    if ours.lookalike == theirs.lookalike or not ours.words or not theirs.words:
        return False
    return (ours.lookalike or "").startswith(theirs.name) or (theirs.lookalike or "").startswith(ours.name)


def _same_city(mine: str | None, other: str | None) -> bool:
    """`icheon`, `icheon si`  ->  True."""
    if not mine or not other:
        return False
    return mine == other or mine.startswith(other + " ") or other.startswith(mine + " ")


def _beside_runner_up(best: Judged, row: IndexRow, next_score: float, next_row: IndexRow, margin: float) -> Judged:
    is_near = best.score - next_score < margin - _EPSILON
    line = Evidence(
        "runner_up",
        row.company.name,
        next_row.company.name,
        -best.score if is_near else 0.0,
        "vetoes" if is_near else "differs",
    )
    return Judged(best.record, best.score, (*best.evidence, line))


def _corroborated(judged: Judged, thresholds: Thresholds) -> bool:
    if not thresholds.corroborate:
        return True
    return any(each.verdict == "agrees" and each.rule in thresholds.corroborate for each in judged.evidence)
