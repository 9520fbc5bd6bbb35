"""Thresholds of matching by name -> their plan, defaults filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from queast_compiler.plan.calibrated import AUTO_LINK, CORROBORATE, MARGIN, REVIEW, VETOES, evidence_of
from queast_compiler.plan.connection import Evidence, NamePlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.connections import EvidenceList, MatchRules
from queast_dsl.source import Located

# Words of the schema for what no record's card holds: as evidence they would never agree and never differ.
_NOT_COMPARED: Final[tuple[Evidence, ...]] = ("linkedin", "phone")


def lower_name(rules: MatchRules, order: Sequence[str], diagnostics: Diagnostics) -> NamePlan | None:
    """`name: {review: 0.8}`  ->  NamePlan(review=0.8, auto_link=0.95, margin=0.05, …), None where nothing is scored.

    What is written is checked: thresholds need the rule `name` in the order, `review` lies at or below `auto_link`, and
    evidence is something that the entity has.
    """
    corroborate = _evidence(rules, rules.corroborate, "corroborate", CORROBORATE, diagnostics)
    vetoes = _evidence(rules, rules.veto_if_different, "veto_if_different", VETOES, diagnostics)
    if not _is_asked(rules, order, diagnostics) or rules.name is None:
        return None
    given = rules.name
    auto_link = score(given.auto_link, AUTO_LINK)
    # A lower `auto_link` is a bound's matter alone: the default floor moves with it.
    review = score(given.review, min(REVIEW, auto_link))
    if given.review is not None and review > auto_link:
        default = ", its default" if given.auto_link is None else ""
        diagnostics.report(
            "QM620",
            f"`review` {given.review.value} lies above `auto_link` {auto_link}{default}: nobody would ever be asked",
            given.review.span,
            help="from `review` on a person is asked, from `auto_link` on nobody is: write a lower `review`",
        )
        return None
    return NamePlan(review, auto_link, score(given.margin, MARGIN), corroborate, vetoes)


def score(given: Located[str] | None, default: float) -> float:
    """Return a threshold as a number from 0 to 1."""
    return default if given is None else float(given.value)


def _is_asked(rules: MatchRules, order: Sequence[str], diagnostics: Diagnostics) -> bool:
    """Say whether what is written beside the order has the rule that it speaks of."""
    written = {
        "name": None if rules.name is None else rules.name.span,
        "corroborate": None if rules.corroborate is None else rules.corroborate.span,
        "veto_if_different": None if rules.veto_if_different is None else rules.veto_if_different.span,
    }
    key, span = next(((key, span) for key, span in written.items() if span is not None), ("", None))
    if span is None:
        return True
    if "name" not in order:
        diagnostics.report(
            "QM619",
            f"`{key}` is about the rule `name`, which is not in the order",
            span,
            help=f"write `order: [{', '.join((*order, 'name'))}]`, or remove `{key}`",
        )
        return False
    if rules.name is None:
        diagnostics.report(
            "QM619",
            f"`{key}` is about scored names, and without `name` none is scored",
            span,
            help=f"give thresholds beside it, such as `name: {{review: {REVIEW}}}`, or remove `{key}`",
        )
        return False
    return True


def _evidence(
    rules: MatchRules,
    given: EvidenceList | None,
    key: str,
    default: tuple[Evidence, ...],
    diagnostics: Diagnostics,
) -> tuple[Evidence, ...]:
    of_entity = evidence_of(rules.entity.value)
    if given is None:
        return tuple(each for each in default if each in of_entity)
    for each in given.items:
        if each.value in _NOT_COMPARED:
            diagnostics.report(
                "QM617",
                f"`{each.value}` in `{key}` is not compared where names are scored, so it would never count",
                each.span,
                help=f"one of: {listed(of_entity)}",
            )
        elif each.value not in of_entity:
            diagnostics.report(
                "QM617",
                f"a {rules.entity.value} has no `{each.value}` to compare in `{key}`",
                each.span,
                help=did_you_mean(each.value, of_entity) or f"one of: {listed(of_entity)}",
            )
    return tuple(known for known in (each.value for each in given.items) if known in of_entity)
