"""Grants of the platform's policy: which one counts, whether it still holds, whom it names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

from queast_dsl.diagnostics.model import Diagnostics, Note
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.document.policy import Grant, Policy, holds, longest
from queast_dsl.document.tenant import TenantDocuments
from queast_dsl.entities import ENTITIES, entity, free_texts, personal_inside
from queast_dsl.source import Located, Span

SOON = timedelta(days=30)
G = TypeVar("G", bound=Grant)


def standing(
    grants: Iterable[G], what: str, used: Span, today: date, diagnostics: Diagnostics, *, instead: str
) -> G | None:
    """Return the grant that counts, None where there is none or it has ended; only its end is reported.

    `what` is what it is for ("to export informational signals of `acme`"), `used` the place that needs it, `instead`
    what the tenant can write without it. A grant that ends within 30 days is a warning at that place.
    """
    grant = longest(grants)
    if grant is None:
        return None
    end, notes = grant.expires.value, [Note("the grant", grant.expires.span)]
    if not holds(grant, today):
        help = f"{instead}, or ask Queast for a new grant"
        diagnostics.report("QM452", f"the grant {what} expired on {end}", used, help=help, notes=notes)
        return None
    if date.fromisoformat(end) - today <= SOON:
        help = "ask Queast to renew it; from that day on nothing that needs it leaves"
        diagnostics.report("QM464", f"the grant {what} ends on {end}", used, help=help, notes=notes)
    return grant


def check_named(documents: TenantDocuments, diagnostics: Diagnostics) -> None:
    """`tenant: acmee` in the policy  ->  a warning: a grant for nobody is a grant that somebody waits for."""
    policy = documents.policy
    if policy is None:
        return
    for tenant in _tenants(policy):
        if documents.neighbours is not None and tenant.value not in documents.neighbours:
            known = documents.neighbours
            help = did_you_mean(tenant.value, known) or f"tenants beside this file: {listed(known)}"
            diagnostics.report("QM465", f"there is no tenant `{tenant.value}`", tenant.span, help=help)
    for path in (path for grant in policy.personal_data.grants for path in grant.paths):
        if path.value not in _grantable():
            help = did_you_mean(path.value, _grantable()) or "all fields: qmap fields person --pii"
            diagnostics.report("QM465", f"there is no field `{path.value}` to grant", path.span, help=help)
    if "connections.yaml" in documents.refused:
        return
    for connection in _connections(policy, documents.tenant):
        if connection.value not in documents.connections:
            near = did_you_mean(connection.value, documents.connections)
            help = near or f"connections of `{documents.tenant}`: {listed(documents.connections)}"
            message = f"`{documents.tenant}` has no connection `{connection.value}`"
            diagnostics.report("QM465", message, connection.span, help=help)


@cache
def _grantable() -> frozenset[str]:
    """Return the paths that a grant can release: personal ones, and free text by its entity."""
    personal = frozenset(path for path, _ in personal_inside(entity("person"), "person"))
    return personal | free_texts(ENTITIES)


def _connections(policy: Policy, tenant: str) -> Iterable[Located[str]]:
    named = [(grant.tenant.value, grant.connection) for grant in policy.personal_data.grants]
    named += [(grant.tenant.value, grant.connection) for grant in policy.destinations.grants]
    named += [(grant.tenant.value, grant.connection) for grant in policy.matching.grants]
    return (connection for owner, connection in named if owner == tenant and connection is not None)


def _tenants(policy: Policy) -> Iterable[Located[str]]:
    yield from (grant.tenant for grant in policy.grants)
    yield from (tenant for tenant, _ in policy.rates.tenants)
