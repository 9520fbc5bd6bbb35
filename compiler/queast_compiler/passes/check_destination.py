"""Check a connection's connector and address against the platform's policy, and keep to its rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from queast_compiler.passes.destination_address import address_fault
from queast_compiler.passes.grants import standing
from queast_compiler.passes.program import Destination
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.policy import DestinationGrant, DestinationPolicy, Policy, allows_host
from queast_dsl.source import Located

JsonObject = dict[str, Any]
# Its own budget beside the manifest's: none of them is ever exceeded.
POLICY_BUDGET = "policy"


def check_destination(
    destination: Destination, policy: Policy | None, today: date, diagnostics: Diagnostics
) -> Destination:
    """`url: https://hooks.acme.example/…` where the policy allows other hosts  ->  open until the day on which the
    tenant's grant ends, or an error at the address and at the bound (D2.4)."""
    if policy is None:
        return destination
    bounds, connection = policy.destinations, destination.connection
    ends = [
        _end(
            f"connector `{connection.connector.value}`",
            connection.connector,
            bounds.connectors,
            lambda allowed: allowed == connection.connector.value,
            lambda grant: grant.connectors,
            (destination, bounds, today, diagnostics),
        )
    ]
    host = None if connection.url is None else urlsplit(connection.url.value).hostname
    # An address that is refused by itself has its finding there, and nothing to ask the policy.
    takes_url = destination.connector.runtime["api"]["base_url"] is None
    if connection.url is not None and (not takes_url or address_fault(connection.url.value) is not None):
        host = None
    if connection.url is not None and host is not None:
        ends.append(
            _end(
                f"host `{host}`",
                connection.url,
                bounds.hosts,
                lambda allowed: allows_host(allowed, host),
                lambda grant: grant.hosts,
                (destination, bounds, today, diagnostics),
            )
        )
    return replace(destination, granted_until=min((end for end in ends if end is not None), default=None))


def _end(
    what: str,
    given: Located[str],
    allowed: tuple[Located[str], ...] | None,
    fits: Callable[[str], bool],
    of_grant: Callable[[DestinationGrant], tuple[Located[str], ...]],
    place: tuple[Destination, DestinationPolicy, date, Diagnostics],
) -> str | None:
    """Return the day on which the grant for a connector or host ends; None where it needs none, or has none."""
    destination, bounds, today, diagnostics = place
    if allowed is None or any(fits(each.value) for each in allowed):
        return None
    tenant, name = destination.connection.tenant, destination.connection.name.value
    grants = [
        grant
        for grant in bounds.grants
        if grant.is_for(tenant, name) and any(fits(each.value) for each in of_grant(grant))
    ]
    if not grants:
        diagnostics.report(
            "QM463",
            f"the policy does not open the {what} to `{tenant}`",
            given.span,
            help=f"open to every tenant: {listed(each.value for each in allowed)}; or ask Queast for a grant",
            notes=[Note("allowed here", allowed[0].span)],
        )
        return None
    instead = f"use one that is open to every tenant ({listed(each.value for each in allowed)})"
    grant = standing(grants, f"of the {what} to `{tenant}`", given.span, today, diagnostics, instead=instead)
    return None if grant is None else grant.expires.value


def at_policy_rate(plan: ConnectionPlan, policy: Policy | None) -> ConnectionPlan:
    """`rates: {requests_per_second: 10}`  ->  a further budget of the plan: 10 in any second."""
    rate = None if policy is None else policy.rates.of(plan.tenant)
    if rate is None:
        return plan
    per_second = float(rate.value)
    # Below one a second the window is the time that one request takes.
    limit, window_s = (int(per_second), 1.0) if per_second >= 1 else (1, round(1 / per_second, 3))
    own: JsonObject = {"id": POLICY_BUDGET, "scope": "connection", "limit": limit, "window_s": window_s, "ops": ["*"]}
    section: JsonObject = plan.manifest.get("rate_limit") or {}
    limited = {**section, "budgets": [*section.get("budgets", ()), own]}
    return replace(plan, manifest={**plan.manifest, "rate_limit": limited})
