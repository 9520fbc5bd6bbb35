"""A person by name among the persons of one company. Elsewhere a name says nothing: it is never evidence alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from queast_dsl.names import PersonName
from queast_runtime.matching.evidence import Evidence, vetoed
from queast_runtime.matching.fuzzy import Fuzzy, FuzzyLinked, FuzzyReview, Judged, NoCandidate, Thresholds

# An initial that fits says less than the name, and one that is missing less than a name that is.
_INITIAL: Final = 0.8
_MISSING_INITIAL: Final = 0.25
# With fewer whole parts in common (a first name, a surname) nobody is linked without being asked.
_WHOLE_PARTS: Final = 2
_SHOWN: Final = 5
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A record of a person; `company` is the record of the company it belongs to, None where that is not known."""

    id: str
    name: PersonName
    company: str | None


def decide_person(
    ours: PersonName, company: str | None, candidates: Iterable[PersonRow], thresholds: Thresholds
) -> Fuzzy:
    """Decide among the persons whose company is `company`, the record that ours is established to be linked to.

    Without one, and for records of another company or of none, there is no candidate however alike the names are.
    Of `thresholds` auto_link, review and margin count.
    """
    if company is None:
        return NoCandidate()
    judged = [_judge(ours, row) for row in candidates if row.company == company]
    near = [each for each in judged if each.score >= thresholds.review - _EPSILON]
    if not near:
        return NoCandidate()
    near.sort(key=lambda each: (-round(each.score, 9), each.record))
    best = near[0]
    if len(near) > 1:
        is_near = best.score - near[1].score < thresholds.margin - _EPSILON
        line = Evidence(
            "runner_up",
            best.evidence[0].theirs,
            near[1].evidence[0].theirs,
            -best.score if is_near else 0.0,
            "vetoes" if is_near else "differs",
        )
        best = Judged(best.record, best.score, (*best.evidence, line))
    if best.score >= thresholds.auto_link - _EPSILON and not vetoed(best.evidence):
        return FuzzyLinked(best)
    return FuzzyReview((best, *near[1:_SHOWN]))


def score_persons(ours: PersonName, theirs: PersonName) -> float:
    """Return from 0 to 1 how much of two names is the same, in any order: 0.9 of `K. Nordmann` and `Nordmann, Kari`."""
    mine, other = list(ours.parts), list(theirs.parts)
    common = 0.0
    for part in ours.parts:
        if part in other:
            mine.remove(part)
            other.remove(part)
            common += 1.0
    for part in tuple(mine):
        fitting = next((each for each in other if _is_initial_of(part, each)), None)
        if fitting is not None:
            mine.remove(part)
            other.remove(fitting)
            common += _INITIAL
    # A pair that fits by an initial counts as one whole part on either side.
    paired = len(ours.parts) - len(mine)
    rest = sum(_MISSING_INITIAL if len(part) == 1 else 1.0 for part in (*mine, *other))
    return 2 * common / (2 * paired + rest) if paired else 0.0


def _is_initial_of(one: str, other: str) -> bool:
    return (len(one) == 1) != (len(other) == 1) and one[0] == other[0]


def _judge(ours: PersonName, row: PersonRow) -> Judged:
    score = score_persons(ours, row.name)
    mine, other = " ".join(ours.parts), " ".join(row.name.parts)
    evidence = [
        Evidence("person", mine, other, score, "agrees" if sorted(ours.parts) == sorted(row.name.parts) else "differs"),
        Evidence("company", row.company or "", row.company or "", 0.0, "agrees"),
    ]
    whole = {part for part in ours.parts if len(part) > 1} & set(row.name.parts)
    if len(whole) < _WHOLE_PARTS:
        shared = " ".join(sorted(whole))
        evidence.append(Evidence("generic_name", shared, shared, -score, "vetoes"))
    if ours.is_disguised or row.name.is_disguised:
        evidence.append(Evidence("homograph", mine, other, -score, "vetoes"))
    return Judged(row.id, score, tuple(evidence))
