"""Hold the thresholds of matching by name to the platform's policy, and say where they are lower than calibrated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from queast_compiler.passes.grants import standing
from queast_compiler.passes.lower_name import score
from queast_compiler.plan.calibrated import AUTO_LINK, MARGIN, REVIEW
from queast_compiler.plan.connection import ConnectionPlan, MatchPlan, NamePlan
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.document.connections import Connection, EvidenceList, NameRule
from queast_dsl.document.policy import MatchingPolicy, Policy
from queast_dsl.source import Located

Threshold = Literal["auto_link", "review", "margin"]


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The policy as one connection meets it; without a policy file it is one that says nothing."""

    policy: MatchingPolicy
    tenant: str
    connection: str
    today: date


def check_thresholds(
    plan: ConnectionPlan, connection: Connection, policy: Policy | None, today: date, diagnostics: Diagnostics
) -> ConnectionPlan:
    """`name: {auto_link: 0.88}` where the policy says `auto_link: {min: 0.85}`  ->  0.88 and a warning; 0.8  ->  an
    error, or the tenant's grant until it ends (D3.3, D5.4).

    Raising is free. Without a bound of the policy nothing may be lower than the default; a bound above the default
    raises the default.
    """
    matching = MatchingPolicy() if policy is None else policy.matching
    bounds = _Bounds(matching, plan.tenant, plan.connection, today)
    rules = {each.entity.value: each for each in connection.match}
    matches: list[MatchPlan] = []
    for match in plan.match:
        if match.name is None:
            matches.append(match)
            continue
        own = rules[match.entity]
        given = own.name
        if given is None:
            raise ValueError(f"thresholds of {match.entity} come from nowhere")
        matches.append(replace(match, name=_bounded(match.name, given, bounds, diagnostics)))
        _warn_of_a_name_alone(own.corroborate, diagnostics)
    return replace(plan, match=tuple(matches))


def _bounded(name: NamePlan, given: NameRule, bounds: _Bounds, diagnostics: Diagnostics) -> NamePlan:
    least = bounds.policy
    until = _check("auto_link", given.auto_link, least.auto_link, AUTO_LINK, bounds, diagnostics)
    _check("review", given.review, least.review, REVIEW, bounds, diagnostics)
    _check("margin", given.margin, least.margin, MARGIN, bounds, diagnostics)
    auto_link = name.auto_link if given.auto_link is not None else max(AUTO_LINK, score(least.auto_link, AUTO_LINK))
    review = name.review if given.review is not None else min(max(REVIEW, score(least.review, REVIEW)), auto_link)
    margin = name.margin if given.margin is not None else max(MARGIN, score(least.margin, MARGIN))
    return replace(name, auto_link=auto_link, review=review, margin=margin, granted_until=until)


def _check(
    key: Threshold,
    given: Located[str] | None,
    least: Located[str] | None,
    default: float,
    bounds: _Bounds,
    diagnostics: Diagnostics,
) -> str | None:
    """Return the day on which the grant for a threshold ends; None where it needs none, or has none."""
    if given is None or float(given.value) >= max(default, score(least, default)):
        return None
    until = None
    if float(given.value) < score(least, default):
        until = _granted(key, given, least, default, bounds, diagnostics)
        if until is None:
            return None
    if key != "review" and float(given.value) < default:
        diagnostics.report(
            "QM467",
            f"`{key}` {given.value} is lower than {default}, the calibrated default: more links are made without a "
            "person, and more of them are wrong",
            given.span,
            help=f"leave `{key}` out to keep the default",
        )
    return until


def _granted(
    key: Threshold,
    given: Located[str],
    least: Located[str] | None,
    default: float,
    bounds: _Bounds,
    diagnostics: Diagnostics,
) -> str | None:
    """Return the day on which the grant ends that allows less than the bound; None after reporting that none does."""
    bound, tenant, connection = score(least, default), bounds.tenant, bounds.connection
    own = [] if key != "auto_link" else [each for each in bounds.policy.grants if each.is_for(tenant, connection)]
    grants = [each for each in own if float(given.value) >= float(each.auto_link.value)]
    if grants:
        what = f"of `{key}` {given.value} to `{tenant}` on `{connection}`"
        instead = f"write {bound} or more"
        grant = standing(grants, what, given.span, bounds.today, diagnostics, instead=instead)
        return None if grant is None else grant.expires.value
    if least is not None:
        whose, notes = "the least that the policy allows", [Note("the bound", least.span)]
    else:
        whose, notes = "the default, and no policy allows less", []
    notes += [Note(f"granted down to {each.auto_link.value}", each.span) for each in own]
    grantable = f", or ask Queast for a grant to `{tenant}` on `{connection}`, which two people approve"
    diagnostics.report(
        "QM466",
        f"`{key}` {given.value} is lower than {bound}, {whose}",
        given.span,
        help=f"write {bound} or more" + (grantable if key == "auto_link" else ""),
        notes=notes,
    )
    return None


def _warn_of_a_name_alone(corroborate: EvidenceList | None, diagnostics: Diagnostics) -> None:
    if corroborate is None or corroborate.items:
        return
    diagnostics.report(
        "QM468",
        "with nothing to corroborate it, a name alone makes a link",
        corroborate.span,
        help="leave `corroborate` out: country or domain then have to agree",
    )
