"""The rule by name for highlights: the one that finds a CRM's records, asked about Queast's own companies."""

from __future__ import annotations

from typing import assert_never

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.delivery.naming import decide_by_name
from queast_runtime.inbound.highlight import HighlightedCompany
from queast_runtime.inbound.match import JsonObject, NameDoubtful, NameFound, NameLinked, NoName
from queast_runtime.inbound.taking import NameRule, candidates
from queast_runtime.matching.companies import read_company
from queast_runtime.matching.fuzzy import FuzzyLinked, FuzzyReview, Judged, NoCandidate, Thresholds, thresholds_of
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES
from queast_runtime.ports.store import Snapshot


def scored_name(connection: ConnectionPlan) -> NameRule:
    """Return the rule by name under a connection's thresholds for companies; without any under the calibrated ones."""
    plan = next((match.name for match in connection.match if match.entity == "company"), None)
    thresholds = Thresholds() if plan is None else thresholds_of(plan)

    def rule(snapshot: Snapshot, tenant: str, company: HighlightedCompany, without: frozenset[str]) -> NameFound:
        theirs = read_company(company.name, company.country or "", company.city or "", company.domain or "")
        found = decide_by_name(snapshot, tenant, OWN_ACCOUNT, OWN_COMPANIES, theirs, thresholds, without)
        match found:
            case FuzzyLinked(judged=judged):
                lines = tuple(each.as_json() for each in judged.evidence)
                return NameLinked(judged.record, judged.score, lines)
            case FuzzyReview(candidates=judged_all):
                return NameDoubtful(_listed(snapshot, tenant, judged_all), "the name is not enough to be sure")
            case NoCandidate():
                return NoName()
            case _:
                assert_never(found)

    return rule


def _listed(snapshot: Snapshot, tenant: str, judged: tuple[Judged, ...]) -> tuple[JsonObject, ...]:
    """Candidates as a review shows them. The rule compared theirs with ours, the page shows the sender's side first, as
    the rule does."""
    shown = candidates(snapshot, tenant, [each.record for each in judged], "name")
    return tuple(
        {**card, "score": round(each.score, 4), "evidence": [line.as_json() for line in each.evidence]}
        for card, each in zip(shown, judged, strict=True)
    )
